"""A (SDK) -> B (drops the trace context) -> C (SDK): what a backend has of each request, and whether it is one story.

Records are what services/otlp_store.py writes: spans and log records of both SDKs and of ours."""

import collections

SERVER, CLIENT = 2, 3
PACKAGES = ("flask==3.1.3", "requests==2.34.2", "opentelemetry-sdk==1.45.1", "opentelemetry-exporter-otlp-proto-http==1.45.1",
            "opentelemetry-instrumentation-flask==0.66b1", "opentelemetry-instrumentation-requests==0.66b1")
MOST = 0.99  # of the requests are to be joined


def path_of(span):
    """Of a server or client span of either convention."""
    a = span["attributes"]
    target = a.get("url.path") or a.get("http.target") or a.get("url.full") or a.get("http.url") or ""
    return "/" + target.split("//")[-1].split("/", 1)[-1] if "//" in target else target


class Story:
    """What the backend has of one request."""

    def __init__(self, name, spans, logs):
        path = "/" + name
        mine = [s for s in spans if path_of(s) == path]
        of_sdk = lambda s: s["scope"] != "suture"
        self.name = name
        self.root = next((s for s in spans if s["name"] == name), None)
        self.c_servers = [s for s in mine if s["kind"] == SERVER and of_sdk(s)]
        self.b_clients = [s for s in mine if s["kind"] == CLIENT and not of_sdk(s)]
        self.our_servers = [s for s in mine if s["kind"] == SERVER and not of_sdk(s)]
        self.log = logs.get(path)

    def complete(self):
        """Each span once. Of our server spans B's, and C's where its SDK's does not stand for it because it is in a trace of its own."""
        if not (self.root and self.log and len(self.c_servers) == len(self.b_clients) == 1):
            return False
        return len(self.our_servers) == (1 if self.c_servers[0]["trace"] == self.root["trace"] else 2)

    def in_one_trace(self):
        c = self.c_servers[0]
        return (c["trace"], c["parent"]) == (self.root["trace"], self.b_clients[0]["span"]) and self.log["trace"] == self.root["trace"]

    def has_one_state(self):
        """The tracestate that the root began with, on both sides of what was written."""
        return {s["state"] for s in [self.root, *self.c_servers, *self.b_clients, *self.our_servers]} == {f"shop={self.name}"}

    def linked(self):
        c = self.c_servers[0]
        ours = next((s for s in self.our_servers if s["parent"] == self.b_clients[0]["span"]), {"trace": "", "span": "", "links": []})
        there = [ours["trace"], ours["span"]] in c["links"] and ours["trace"] == self.root["trace"]
        back = [c["trace"], c["span"]] in ours["links"]
        return there and back and self.log["trace"] == c["trace"]


def of_another(story, traces):
    """Whether what B sent is in the trace of another request. A root is not: that link is missing."""
    b = story.b_clients[0]
    return b["trace"] in traces and b["trace"] != story.root["trace"]


def rewritten(story, traces):
    """(joined, joined to what is not its caller)"""
    b, c = story.b_clients[0], story.c_servers[0]
    moved = "suture.original.trace_id" in c["attributes"]
    return story.in_one_trace(), of_another(story, traces) or (moved and (c["trace"], c["parent"]) != (b["trace"], b["span"]))


def linked(story, traces):
    c, ours = story.c_servers[0], story.our_servers
    astray = [link for link in c["links"] if link not in [[s["trace"], s["span"]] for s in ours]]
    astray += [link for s in ours for link in s["links"] if link != [c["trace"], c["span"]]]
    return story.linked(), of_another(story, traces) or bool(astray)


def written(story, traces):
    c = story.c_servers[0]
    return story.in_one_trace() and story.has_one_state(), of_another(story, traces) or (c["trace"] in traces and c["trace"] != story.root["trace"])


# What joins them -> how a story is judged.
WAYS = {"rewrite": rewritten, "link": linked, "header": written}


def judge(records, prefix, count, way):
    """Problems, as sentences. `way`: of WAYS."""
    spans = [r for r in records if r["what"] == "span"]
    logs = {r["text"]: r for r in records if r["what"] == "log"}
    by_name = collections.defaultdict(list)
    for span in spans:
        by_name[span["name"] if span["name"].startswith(prefix) else path_of(span)[1:]].append(span)
    problems = [f"span {span} is there {n} times" for span, n in collections.Counter(s["span"] for s in spans).items() if n > 1]
    ids = {(span["trace"], span["span"]) for span in spans}
    traces = {s["trace"] for s in spans if s["name"].startswith(prefix)}
    joined = false = 0
    for number in range(count):
        story = Story(f"{prefix}-{number}", by_name[f"{prefix}-{number}"], logs)
        if not story.complete():
            problems.append(f"{story.name}: not each span once: {vars(story)}")
            continue
        whole, wrong = WAYS[way](story, traces)
        joined += whole
        false += wrong
        if wrong:
            problems.append(f"{story.name}: falsely joined: {vars(story)}")
        problems += [f"{story.name}: its parent is nowhere: {span}" for span in by_name[story.name] if span["parent"] and (span["trace"], span["parent"]) not in ids]
    print(f"{way}: {count} requests, {joined} joined ({100 * joined / count:.2f} %), {false} falsely")
    return problems + ([f"only {joined} of {count} joined"] if joined < MOST * count else [])

"""A (SDK) -> B (drops the context) -> C (SDK), whose SDK begins a trace of its own; both export to the gateway.

usage: gateway:rewrite, gateway:link. SUTURE_E2E_GATEWAY_REQUESTS: how many requests, 200 if unset."""

import collections
import json
import os
import sys
from pathlib import Path

from polling import wait_until
from runtimes import SERVICES, free_port, start

sys.path.append(str(Path(__file__).resolve().parent.parent.parent / "truth"))
from install import Installer  # noqa: E402

REQUESTS = int(os.environ.get("SUTURE_E2E_GATEWAY_REQUESTS", 200))
IN_FLIGHT = 16
TRAFFIC_SECONDS, EXPORT_SECONDS = 200, 40
SERVER, CLIENT = 2, 3
PACKAGES = ("flask==3.1.3", "requests==2.34.2", "opentelemetry-sdk==1.45.1", "opentelemetry-exporter-otlp-proto-http==1.45.1",
            "opentelemetry-instrumentation-flask==0.66b1", "opentelemetry-instrumentation-requests==0.66b1")


def records(store):
    return [json.loads(line) for line in store.log.read_text().split("\n")[:-1]]


def path_of(span):
    """Of a server or client span of either convention."""
    a = span["attributes"]
    target = a.get("url.path") or a.get("http.target") or a.get("url.full") or a.get("http.url") or ""
    return "/" + target.split("//")[-1].split("/", 1)[-1] if "//" in target else target


def run(scene, mend):
    python = Installer(scene.build).python(*PACKAGES)
    serve = lambda script, *more: start(scene, script, [python, SERVICES / script, log := scene.file(script + ".log"), "127.0.0.1", *more], log, "127.0.0.1")
    store = serve("otlp_store.py")
    port = free_port("127.0.0.1")
    endpoint = f"http://127.0.0.1:{port}"
    agent = scene.start_agent("--otlp", f"http://127.0.0.1:{store.address[1]}", "--otlp-listen", f"127.0.0.1:{port}", "--mend", mend)
    c = serve("sdk_service.py", endpoint)
    b = serve("gap.py", c.address[1])
    prefix = scene.unique()
    a = scene.spawn([python, SERVICES / "sdk_client.py", endpoint, f"http://127.0.0.1:{b.address[1]}", prefix, REQUESTS, IN_FLIGHT])
    wait_until(lambda: a.poll() is not None, TRAFFIC_SECONDS, "the client's end")
    scene.fail_if([f"the client ended with {a.returncode}"] if a.returncode else [])
    # What both SDKs and we report: the client's two spans, two of B, the service's two and one log record; with links also C's server.
    expected = REQUESTS * (7 if mend == "rewrite" else 8)
    try:
        wait_until(lambda: len(records(store)) >= expected, EXPORT_SECONDS, f"{expected} records")
    finally:
        agent.stop()
        print("gateway:", json.loads(agent.ledger_path.read_text())["gateway"])
    scene.fail_if(judge(records(store), prefix, mend) + agent.problems)


class Story:
    """What the backend has of one request."""

    def __init__(self, name, spans, logs):
        path = "/" + name
        mine = [s for s in spans if path_of(s) == path]
        of_sdk = lambda s: s["scope"] != "suture"
        self.root = next((s for s in spans if s["name"] == name), None)
        self.c_servers = [s for s in mine if s["kind"] == SERVER and of_sdk(s)]
        self.b_clients = [s for s in mine if s["kind"] == CLIENT and not of_sdk(s)]
        self.our_servers = [s for s in mine if s["kind"] == SERVER and not of_sdk(s)]
        self.log = logs.get(path)

    def complete(self, our_servers):
        return self.root and self.log and (len(self.c_servers), len(self.b_clients), len(self.our_servers)) == (1, 1, our_servers)

    def rewritten(self):
        """(joined, joined to what is not its caller)"""
        c = self.c_servers[0]
        right = (c["trace"], c["parent"]) == (self.root["trace"], self.b_clients[0]["span"])
        return right and self.log["trace"] == self.root["trace"], not right and "suture.original.trace_id" in c["attributes"]

    def linked(self):
        c = self.c_servers[0]
        ours = next((s for s in self.our_servers if s["parent"] == self.b_clients[0]["span"]), {"trace": "", "span": "", "links": []})
        there = [ours["trace"], ours["span"]] in c["links"] and ours["trace"] == self.root["trace"]
        back = [c["trace"], c["span"]] in ours["links"]
        return there and back and self.log["trace"] == c["trace"], bool(c["links"]) and not there


def judge(all_records, prefix, mend):
    spans = [r for r in all_records if r["what"] == "span"]
    logs = {r["text"]: r for r in all_records if r["what"] == "log"}
    by_name = collections.defaultdict(list)
    for span in spans:
        by_name[span["name"] if span["name"].startswith(prefix) else path_of(span)[1:]].append(span)
    problems = [f"span {span} is there {n} times" for span, n in collections.Counter(s["span"] for s in spans).items() if n > 1]
    joined = false = 0
    for number in range(REQUESTS):
        name = f"{prefix}-{number}"
        story = Story(name, by_name[name], logs)
        if not story.complete(1 if mend == "rewrite" else 2):
            problems.append(f"{name}: not each span once: {vars(story)}")
            continue
        whole, wrong = story.rewritten() if mend == "rewrite" else story.linked()
        joined += whole
        false += wrong
        if wrong:
            problems.append(f"{name}: falsely joined: {vars(story)}")
    print(f"{REQUESTS} requests at {IN_FLIGHT} in flight, mend {mend}: {joined} joined ({100 * joined / REQUESTS:.2f} %), {false} falsely")
    return problems + ([f"only {joined} of {REQUESTS} joined"] if joined < 0.99 * REQUESTS else [])

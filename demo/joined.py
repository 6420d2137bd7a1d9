"""Reads spans (OTLP JSON lines) and tells whether each hop's CLIENT and SERVER spans are joined: one of each per
request, in one trace, the server's parent being the client, both with the status that was sent."""
import collections
import json
import urllib.parse

SERVER, CLIENT = 2, 3  # SpanKind of opentelemetry-proto
SETTLED = 500  # requests after which enough is known of the cart, an event loop, to link what it sends (docs/linking.md)

Span = collections.namedtuple("Span", "service kind path status trace id parent")


def value_of(any_value):
    (kind, value), = any_value.items()
    return int(value) if kind == "intValue" else value


def attributes_of(item):
    return {a["key"]: value_of(a["value"]) for a in item.get("attributes", [])}


def read_spans(lines):
    for line in lines:
        for resource in json.loads(line)["resourceSpans"]:
            service = attributes_of(resource["resource"]).get("service.name", "?")
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    attributes = attributes_of(span)
                    path = attributes.get("url.path") or urllib.parse.urlsplit(attributes.get("url.full", "")).path
                    yield Span(service, span["kind"], path, attributes.get("http.response.status_code"),
                               span["traceId"], span["spanId"], span.get("parentSpanId", ""))


def problem_of(hop, item, spans):
    """What is wrong with the spans of one request over one hop; empty if nothing."""
    clients = [s for s in spans if s.kind == CLIENT]
    servers = [s for s in spans if s.kind == SERVER]
    if len(clients) != 1 or len(servers) != 1:
        return f"{len(clients)} client and {len(servers)} server spans"
    client, server = clients[0], servers[0]
    if (server.trace, server.parent) != (client.trace, client.id):
        return "client and server spans are not joined"
    if {client.status, server.status} != {hop.status(item)}:
        return f"status {client.status} and {server.status}, not {hop.status(item)}"
    return ""


def paths_of(spans):
    by_path = collections.defaultdict(list)
    for span in spans:
        by_path[span.path].append(span)
    return by_path


def whole(hops, items, spans):
    """Whether each request is one tree: all its spans in one trace, which has nothing else."""
    by_path, sizes = paths_of(spans), collections.Counter(span.trace for span in spans)
    answers = []
    for item in items:
        own = [span for hop in hops for span in by_path[f"{hop.path}{item}"]]
        traces = {span.trace for span in own}
        answers.append(len(traces) == 1 and len(own) == 2 * len(hops) == sizes[traces.pop()])
    return answers


def report_whole(hops, items, spans, wanted):
    """Prints how many requests are one tree, in all and after the first SETTLED; True if of these `wanted` (a share) are."""
    answers = whole(hops, items, spans)
    later = answers[SETTLED:]
    print(f"demo: {sum(answers)} of {len(answers)} requests are one tree; after the first {SETTLED}, {sum(later)} of {len(later)}")
    return wanted is None or bool(later) and sum(later) >= wanted * len(later)


def report(hops, items, spans):
    """Prints a line per hop, the first problems and a sum; True if every hop of every request is joined."""
    by_path = paths_of(spans)
    problems, total = [], 0
    for hop in hops:
        good, names = 0, collections.Counter()
        for item in items:
            seen = by_path[f"{hop.path}{item}"]
            problem = problem_of(hop, item, seen)
            if problem:
                problems.append(f"{hop.path}{item}: {problem}")
            else:
                good += 1
                names.update([" -> ".join(s.service for s in sorted(seen, key=lambda s: -s.kind))])
        total += good
        print(f"  {hop.path:<11}{good}/{len(items)} joined   {', '.join(names)}")
    for problem in problems[:10]:
        print(f"  ! {problem}")
    wanted = len(hops) * len(items)
    print(f"demo: {len(items)} requests, {len(hops)} hops: {total} of {wanted} client and server spans joined")
    return not problems

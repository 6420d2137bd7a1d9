"""Reads spans (OTLP JSON lines) and tells whether each hop's CLIENT and SERVER spans are joined: one of each per
request, in one trace, the server's parent being the client, both with the status that was sent."""
import collections
import json
import urllib.parse

SERVER, CLIENT = 2, 3  # SpanKind of opentelemetry-proto

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


def report(hops, items, spans):
    """Prints a line per hop, the first problems and a sum; True if every hop of every request is joined."""
    by_path = collections.defaultdict(list)
    for span in spans:
        by_path[span.path].append(span)
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

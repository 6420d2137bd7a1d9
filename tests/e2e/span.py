"""Span: the parts of an exported OTLP span that the tests compare, read from the agent's JSON lines."""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

KINDS = {1: "internal", 2: "server", 3: "client"}


@dataclass(frozen=True)
class Span:
    kind: str
    pid: int
    service: str
    method: str
    path: str
    status: int | None
    error: str | None
    trace_id: str
    span_id: str
    parent_id: str
    start: int
    end: int
    attributes: dict
    links: tuple = ()  # span ids
    trace_state: str = ""
    flags: int = 0

    def __str__(self):
        return (f"{self.kind} span {self.span_id} of {self.service}[{self.pid}]: {self.method} {self.path[:80]} "
                f"-> {self.status} error={self.error}")


def value_of(value):
    if "intValue" in value:
        return int(value["intValue"])
    for key in ("stringValue", "boolValue", "doubleValue"):
        if key in value:
            return value[key]
    return None


def attributes_of(holder):
    return {a["key"]: value_of(a["value"]) for a in holder.get("attributes", [])}


def span_of(raw, resource):
    attributes = attributes_of(raw)
    full = attributes.get("url.full")
    path = attributes.get("url.path") or (urlsplit(full).path if full else "")
    return Span(kind=KINDS.get(raw.get("kind"), "?"),
                pid=resource.get("process.pid", 0),
                service=resource.get("service.name", ""),
                method=attributes.get("http.request.method_original") or attributes.get("http.request.method", ""),
                path=path,
                status=attributes.get("http.response.status_code"),
                error=attributes.get("error.type"),
                trace_id=raw["traceId"], span_id=raw["spanId"], parent_id=raw.get("parentSpanId", ""),
                start=int(raw["startTimeUnixNano"]), end=int(raw["endTimeUnixNano"]), attributes=attributes,
                links=tuple(link["spanId"] for link in raw.get("links", [])),
                trace_state=raw.get("traceState", ""), flags=raw.get("flags", 0))


def read_spans(path):
    """All spans of a file of OTLP JSON lines. A last line without its newline is not there yet."""
    spans = []
    if not path.exists():
        return spans
    for line in path.read_text().split("\n")[:-1]:
        for group in json.loads(line)["resourceSpans"]:
            resource = attributes_of(group.get("resource", {}))
            for scope in group["scopeSpans"]:
                spans.extend(span_of(raw, resource) for raw in scope["spans"])
    return spans

"""Spans and log records as tests/e2e/services/otlp_store.py writes them, out of OTLP's JSON."""
import json

from spans import attributes_of, hex_id


def spans_of(document):
    """Each span as often as it is there."""
    for resource in document.get("resourceSpans", []):
        service = attributes_of(resource["resource"]).get("service.name")
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                yield {"what": "span", "service": service, "scope": scope["scope"]["name"], "name": span["name"], "kind": span.get("kind", 0),
                       "trace": hex_id(span["traceId"]), "span": hex_id(span["spanId"]), "parent": hex_id(span.get("parentSpanId")), "state": span.get("traceState", ""),
                       "attributes": attributes_of(span), "links": [[hex_id(link["traceId"]), hex_id(link["spanId"])] for link in span.get("links", [])]}


def spans_in(jaeger):
    """Of all traces of all services."""
    spans, seen = [], set()
    for document in jaeger.everything():
        new = [span for span in spans_of(document) if span["trace"] not in seen]
        seen |= {span["trace"] for span in new}
        spans += new
    return spans


def logs_in(path):
    """Of a file that the Collector writes; a line that is still being written is left out."""
    for line in path.read_text().split("\n")[:-1]:
        for resource in json.loads(line)["resourceLogs"]:
            for scope in resource["scopeLogs"]:
                for record in scope["logRecords"]:
                    yield {"what": "log", "text": record["body"]["stringValue"], "trace": record.get("traceId", ""), "span": record.get("spanId", ""),
                           "attributes": attributes_of(record)}

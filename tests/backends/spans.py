"""Spans as plain dictionaries, from OTLP's JSON in its three dialects: the specification's (hex ids, numbers for enums), which the
agent and the Collector write, and protobuf's own (names for enums), with ids in hex (Jaeger) or in base64 (Tempo)."""
import base64
import json

KINDS = {"SPAN_KIND_INTERNAL": 1, "SPAN_KIND_SERVER": 2, "SPAN_KIND_CLIENT": 3}
STATUS = {"STATUS_CODE_UNSET": 0, "STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2}


def hex_id(text):
    if not text:
        return ""
    is_hex = len(text) in (16, 32) and all(c in "0123456789abcdef" for c in text)
    return text if is_hex else base64.b64decode(text).hex()


def value_of(any_value):
    (kind, value), = any_value.items()
    return int(value) if kind == "intValue" else value


def attributes_of(item):
    return {each["key"]: value_of(each["value"]) for each in item.get("attributes", [])}


def link_of(link):
    return (hex_id(link["traceId"]), hex_id(link["spanId"]), link.get("traceState", ""), tuple(sorted(attributes_of(link).items())))


def spans_of(document):
    """(trace id, span id) -> span."""
    spans = {}
    for resource in document.get("resourceSpans") or document.get("batches") or []:
        of_resource = attributes_of(resource.get("resource", {}))
        for scope in resource.get("scopeSpans") or resource.get("instrumentationLibrarySpans") or []:
            for span in scope["spans"]:
                kind, code = span.get("kind", 0), span.get("status", {}).get("code", 0)
                spans[hex_id(span["traceId"]), hex_id(span["spanId"])] = {
                    "parent": hex_id(span.get("parentSpanId")), "name": span["name"], "kind": KINDS.get(kind, kind),
                    "start": int(span["startTimeUnixNano"]), "end": int(span["endTimeUnixNano"]), "status": STATUS.get(code, code),
                    "trace state": span.get("traceState", ""), "attributes": attributes_of(span), "resource": of_resource,
                    "links": sorted(link_of(link) for link in span.get("links", [])),
                    "flags": span.get("flags", 0),
                }
    return spans


def spans_of_lines(path):
    """Of a file of OTLP JSON lines; a line that is still being written is left out."""
    spans = {}
    if path.exists():
        for line in path.read_text().splitlines(keepends=True):
            if line.endswith("\n"):
                spans |= spans_of(json.loads(line))
    return spans


def differences(expected, found):
    """Sentences; none if both hold the same spans."""
    problems = [f"{key} is missing" for key in expected if key not in found]
    problems += [f"{key} was never sent" for key in found if key not in expected]
    for key in expected.keys() & found.keys():
        for field in expected[key].keys() | found[key].keys():
            wanted, got = expected[key].get(field), found[key].get(field)
            if wanted != got:
                problems.append(f"{key}: {field} is {got!r}, not {wanted!r}")
    return problems

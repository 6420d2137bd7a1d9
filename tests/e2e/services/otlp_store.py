"""Stands in for a backend: takes OTLP/HTTP in protobuf and writes each span and log record as a JSON line. usage: otlp_store.py LOG HOST"""

import gzip
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

log = open(sys.argv[1], "a", buffering=1)
lock = threading.Lock()


def value_of(value):
    return getattr(value, value.WhichOneof("value")) if value.WhichOneof("value") in ("string_value", "int_value", "bool_value") else None


def attributes_of(holder):
    return {pair.key: value_of(pair.value) for pair in holder}


def spans_of(body):
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = attributes_of(resource.resource.attributes).get("service.name")
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield {"what": "span", "service": service, "scope": scope.scope.name, "name": span.name, "kind": span.kind,
                       "trace": span.trace_id.hex(), "span": span.span_id.hex(), "parent": span.parent_span_id.hex(), "state": span.trace_state,
                       "attributes": attributes_of(span.attributes),
                       "links": [[link.trace_id.hex(), link.span_id.hex()] for link in span.links]}


def logs_of(body):
    for resource in ExportLogsServiceRequest.FromString(body).resource_logs:
        for scope in resource.scope_logs:
            for record in scope.log_records:
                yield {"what": "log", "text": record.body.string_value, "trace": record.trace_id.hex(), "span": record.span_id.hex(),
                       "attributes": attributes_of(record.attributes)}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        records = spans_of(body) if self.path == "/v1/traces" else logs_of(body)
        with lock:
            log.write("".join(json.dumps(record) + "\n" for record in records))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()


if __name__ == "__main__":
    with ThreadingHTTPServer((sys.argv[2], 0), Handler) as server:
        print("port", server.server_address[1], flush=True)
        server.serve_forever()

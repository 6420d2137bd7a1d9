"""A service without any tracing code, behind `--propagate header`, by the vectors of the public suite of W3C Trace Context.

As in the suite: a harness sends each case to the service, which calls the harness back, and the headers of that call are looked at."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cases.context import PARENT, TRACE, ZERO_TRACE, read_vectors
from connection import Connection
from polling import wait_until
from request import Request
from runtimes import start_gap

HOST = "127.0.0.1"
LEARNED_SECONDS = 40
TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


class Callback(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    came = {}  # by path: the headers

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.came[self.path] = self.headers
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def members(values):
    return ",".join(member.strip(" \t") for value in values for member in value.split(",") if member.strip(" \t"))


def problem(vector, headers, clients):
    contexts = headers.get_all("traceparent", [])
    found = TRACEPARENT.fullmatch(contexts[0]) if len(contexts) == 1 else None
    if not found:
        return f"{vector.about}: {contexts} came"
    trace, parent = found.groups()
    if (trace == TRACE) != vector.joins or trace == ZERO_TRACE or trace in "".join(vector.fields) and not vector.joins:
        return f"{vector.about}: trace {trace}"
    if parent == PARENT or (trace, parent) not in clients:
        return f"{vector.about}: {trace} {parent} is no client span that was exported"
    state = members(headers.get_all("tracestate", []))
    return None if state == vector.state else f"{vector.about}: tracestate {state!r}, not {vector.state!r}"


def run(scene, _):
    with ThreadingHTTPServer((HOST, 0), Callback) as harness:
        threading.Thread(target=harness.serve_forever, daemon=True).start()
        gap = start_gap(scene, "python", harness.server_address[1])
        agent = scene.start_agent("--propagate", "header", "--propagate-service", "gap", variables={"OTEL_TRACES_SAMPLER": "always_on"})
        scene.fail_if([agent.stderr()] if "is off" in agent.stderr() else [])

        def exchange(fields=()):
            path = f"/r/{scene.unique()}"
            with Connection(gap.address) as connection:
                connection.exchange(Request(path, fields=fields))
            return path

        wait_until(lambda: "traceparent" in Callback.came[exchange()], LEARNED_SECONDS, "a context")
        vectors = [(exchange(vector.fields), vector) for vector in read_vectors()]
        harness.shutdown()
    clients = {(span.trace_id, span.span_id) for span in agent.stop() if span.kind == "client"}
    problems = [problem(vector, Callback.came[path], clients) for path, vector in vectors]
    print(f"{len(vectors)} vectors, {sum(found is None for found in problems)} as the suite asks")
    scene.fail_if([found for found in problems if found] + agent.problems)

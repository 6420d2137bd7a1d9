"""What is exported joins the sender's trace, or starts one, as W3C Trace Context says: by the vectors of its public suite.

Cases 1 to 37 are those of tests/trace/w3c_vectors.tsv. The suite looks at the headers that a service sends on; suture sends none, and is
asked the same of its spans. Cases 38 to 41 are about what one service sends because of a request.
"""

import re
from pathlib import Path

from connection import Connection
from request import Request
from runtimes import start_odd, start_relay, text_of
from truth import Hop

VECTORS = Path(__file__).resolve().parents[2] / "trace" / "w3c_vectors.tsv"
TRACE = "a1b2c3d4e5f60718293a4b5c6d7e8f90"  # of all vectors
PARENT = "0f1e2d3c4b5a6978"
ZERO_TRACE = "0" * 32
CALLS = 3
FLAGS = 0xff  # of an OTLP span's flags, those of W3C
SAMPLED, RANDOM = 1, 2


class Vector:
    def __init__(self, line):
        words = [re.sub(r"\\(.)", lambda found: {"t": "\t"}.get(found[1], found[1]), word) for word in line.split("\t")]
        self.about, self.joins, self.state, self.fields = f"case {words[0]}, {words[1]}", words[2] == "joins", words[3], tuple(words[4:])

    def problem(self, span):
        joined = span.trace_id == TRACE and span.parent_id == PARENT
        if joined == self.joins and (joined or span.trace_id not in (TRACE, ZERO_TRACE)) and span.trace_state == self.state:
            return None
        return f"{self.about}: trace {span.trace_id}, parent {span.parent_id}, state {span.trace_state!r} in {span}"


def read_vectors():
    long_head = Vector("\t".join(["2", "after a long head", "joins", "", "X-Long: " + "l" * 3000, f"traceparent: 00-{TRACE}-{PARENT}-01"]))
    return [long_head] + [Vector(line) for line in VECTORS.read_text().splitlines() if not line.startswith("#")]


def check_calls(spans, path, joins, flags=None):
    """Cases 38 to 41: of one request that made a service send CALLS others, each a span of its own in the request's trace."""
    server = [span for span in spans if span.path == path and span.kind == "server"]
    calls = [span for span in spans if span.path == path and span.kind == "client"]
    if len(server) != 1 or len(calls) != CALLS:
        return [f"{path}: {len(server)} server spans and {len(calls)} calls"]
    traces, ids = {span.trace_id for span in calls + server}, {span.span_id for span in calls}
    problems = []
    if len(traces) != 1 or (TRACE in traces) != joins or ZERO_TRACE in traces:
        problems.append(f"{path}: traces {traces}")
    if len(ids) != CALLS or PARENT in ids:
        problems.append(f"{path}: spans {ids}")
    if flags is not None and {span.flags & FLAGS for span in calls + server} != {flags}:
        problems.append(f"{path}: flags {[span.flags & FLAGS for span in calls + server]} instead of {flags}")
    return problems


def run(scene, _):
    odd = start_odd(scene)
    relay = start_relay(scene, "python", "relay", *[f"drop=http://{text_of(start_odd(scene).address)}"] * CALLS)
    scene.start_agent(variables={"OTEL_TRACES_SAMPLER": "always_on"})  # what is not sampled is looked at too, and is then
    own, vectors, advanced = [], {}, {}
    with Connection(odd.address) as connection:
        for vector in read_vectors():
            end = connection.exchange(Request(f"/r/{scene.unique()}", fields=vector.fields))
            vectors[end.path] = vector
            # Who sends a context of its own making has an SDK, which reports the client span under the id that the context names.
            if not vector.joins:
                own.append(end)
    with Connection(relay.address) as connection:
        for fields, joins, flags in (((f"traceparent: 00-{TRACE}-{PARENT}-00",), True, SAMPLED), ((), False, None),
                                     ((f"traceparent: 00-{ZERO_TRACE}-{PARENT}-01",), False, None),
                                     ((f"traceparent: 00-{TRACE}-{PARENT}-02",), True, SAMPLED | RANDOM)):
            end = connection.exchange(Request(f"/calls/{len(advanced)}", fields=fields))
            advanced[end.path] = (joins, flags)
            own.append(end)  # none of these contexts is sampled and valid: no SDK reports the span
    # Two hops: whether the header's sender or the client span is the server's parent is not this case's business.
    spans = scene.check([Hop("client's side", client=own), Hop("server's side", server=odd.served(len(vectors)))])
    problems = [vectors[span.path].problem(span) for span in spans if span.kind == "server" and span.path in vectors]
    for path, (joins, flags) in advanced.items():
        problems += check_calls([span for span in spans if span.pid == relay.pid], path, joins, flags)
    print(f"{len(vectors)} vectors and {len(advanced)} requests with calls")
    scene.fail_if([problem for problem in problems if problem])

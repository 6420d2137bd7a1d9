"""A traceparent gives the server span its trace and parent; one that is not valid is as good as none."""

from connection import Connection
from request import Request
from runtimes import start_odd
from truth import Hop

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
HONOURED = {
    "plain": (f"traceparent: 00-{TRACE}-{PARENT}-01",),
    "any case of the name, white space around": (f"TraceParent: \t 00-{TRACE}-{PARENT}-01 ",),
    "a later version, with more fields": (f"traceparent: cc-{TRACE}-{PARENT}-01-what-comes",),
    "after a long head": ("X-Long: " + "l" * 3000, f"traceparent: 00-{TRACE}-{PARENT}-01"),
}
REFUSED = {
    "capitals": (f"traceparent: 00-{TRACE.upper()}-{PARENT}-01",),
    "no parent": (f"traceparent: 00-{TRACE}-{'0' * 16}-01",),
    "twice": (f"traceparent: 00-{TRACE}-{PARENT}-01",) * 2,
    "the version that cannot be": (f"traceparent: ff-{TRACE}-{PARENT}-01",),
}


def run(scene, _):
    odd = start_odd(scene)
    scene.start_agent()
    own, names = [], {}
    with Connection(odd.address) as connection:
        for name, fields in {**HONOURED, **REFUSED}.items():
            end = connection.exchange(Request(f"/r/{scene.unique()}", fields=fields))
            names[end.path] = name
            # Who sends a context of its own making has an SDK, which reports the client span under the id that the context names.
            if name in REFUSED:
                own.append(end)
    # Two hops: whether the header's sender or the client span is the server's parent is not this case's business.
    spans = scene.check([Hop("client's side", client=own), Hop("server's side", server=odd.served(len(names)))])
    scene.fail_if([f"{names[span.path]}: trace {span.trace_id}, parent {span.parent_id} in {span}" for span in spans if span.path in names
                   and (span.trace_id == TRACE and span.parent_id == PARENT) != (names[span.path] in HONOURED)])

"""compare(): the agent's spans against the truth, span by span."""

from collections import defaultdict

ID_LENGTHS = {"trace_id": 32, "span_id": 16}


class Comparison:
    """Collects every difference; `problems` is empty if spans and truth agree."""

    def __init__(self, spans, ordered=True):
        """`ordered`: sends are stamped before their bytes can leave, so a server's span lies within its client's."""
        self.ordered = ordered
        self.problems = []
        self.unclaimed = defaultdict(list)  # (kind, pid, path): spans that no request has claimed yet
        self.check_ids(spans)
        for span in spans:
            self.unclaimed[(span.kind, span.pid, span.path)].append(span)

    def check_ids(self, spans):
        seen = set()
        for span in spans:
            if any(len(getattr(span, name)) != length for name, length in ID_LENGTHS.items()):
                self.problems.append(f"id of wrong length: {span}")
            if span.span_id in seen:
                self.problems.append(f"span id used twice: {span}")
            seen.add(span.span_id)
            if span.start > span.end:
                self.problems.append(f"ends {span.start - span.end} ns before it starts: {span}")

    def claim(self, hop, kind, end):
        """The one span of this end of the request, or None."""
        found = self.unclaimed.pop((kind, end.pid, end.path), [])
        wanted = f"{hop.name}: {kind} [{end.pid}] {end.method} {end.path[:80]} -> {end.status}"
        if not found:
            self.problems.append(f"missing {wanted}")
            return None
        if len(found) > 1:
            self.problems.append(f"{len(found)} spans for {wanted}")
        span = found[0]
        if span.method != end.method:
            self.problems.append(f"method {span.method!r} instead of {wanted}")
        if span.status != end.status:
            self.problems.append(f"status {span.status} instead of {wanted}")
        if end.error_matters and (span.error is not None) != end.expects_error(kind):
            self.problems.append(f"error.type {span.error!r} at {wanted}")
        return span

    def check_hop(self, hop):
        clients = {end.path: (end, self.claim(hop, "client", end)) for end in hop.client}
        for end in hop.server:
            server = self.claim(hop, "server", end)
            client_end, client = clients.get(end.path, (None, None))
            if client_end and client_end.status != end.status and end.error_matters:
                self.problems.append(f"the truth contradicts itself: {client_end} / {end}")
            if server and client:
                self.check_pair(hop, client, server, client_end.status is not None and not client_end.error)

    def check_pair(self, hop, client, server, whole):
        """`whole`: the client saw the response to its end, so the server cannot have ended later."""
        if server.parent_id != client.span_id or server.trace_id != client.trace_id:
            self.problems.append(f"{hop.name}: not joined: {client} / {server}, whose parent is {server.parent_id!r}")
        if not (self.ordered and hop.ordered):
            return
        if server.start < client.start:
            early = client.start - server.start
            self.problems.append(f"{hop.name}: server starts {early} ns before its client: {server}")
        # No hook sees a splice out of a socket; the client's span ends with its last read that one did see.
        if whole and server.end > client.end and not server.path.startswith("/splice-receive/"):
            self.problems.append(f"{hop.name}: server ends {server.end - client.end} ns after its client: {server}")

    def check_nothing_left(self, belongs):
        for spans in self.unclaimed.values():
            self.problems.extend(f"nobody sent or served this: {span}" for span in spans if belongs(span))


def compare(spans, hops, token, pids=(), ordered=True):
    """Problems, as sentences. Only spans of this test count: those of its processes, or with its token in the path."""
    ours = set(pids) | {end.pid for hop in hops for end in hop.client + hop.server}
    belongs = lambda span: span.pid in ours or token in span.path
    comparison = Comparison([span for span in spans if belongs(span)], ordered)
    for hop in hops:
        comparison.check_hop(hop)
    comparison.check_nothing_left(belongs)
    return comparison.problems

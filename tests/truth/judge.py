"""judge(): exported spans against the truth, which is arithmetic in the URLs.

A request's number n gives its calls the numbers n * 48271^k mod (2^31 - 1), k = 1, 2, ...; a proxy passes n on. So for each
client span of a service there is at most one server span of the same process that caused it, and nothing in either
span but the number says which. Numbers below BACKGROUND_BELOW mark calls that no request caused.
"""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field

MODULUS = 2**31 - 1
MULTIPLIER = 48271
BACKGROUND_BELOW = 100_000
PROXIED = (1,)
CONFIDENCE = 0.95


def called(count):
    """The factors of a service's first `count` calls."""
    return tuple(pow(MULTIPLIER, k, MODULUS) for k in range(1, count + 1))


@dataclass
class Tally:
    """Client spans by what became of them."""

    correct: int = 0
    orphan: int = 0
    wrong: int = 0
    roots: int = 0         # calls that no request caused, and that have no parent
    false_parent: int = 0  # calls with a parent that no request caused, or none whose span is there

    def add(self, verdict):
        setattr(self, verdict, getattr(self, verdict) + 1)

    @property
    def links(self):
        """Client spans that have a true parent."""
        return self.correct + self.orphan + self.wrong

    @property
    def all_wrong(self):
        return self.wrong + self.false_parent

    @property
    def trials(self):
        return self.links + self.roots + self.false_parent

    def percent(self, count):
        return 100 * count / self.links if self.links else 0.0

    def __add__(self, other):
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))


@dataclass
class Score:
    cold: Tally = field(default_factory=Tally)  # of the first requests of each process
    warm: Tally = field(default_factory=Tally)
    methods: Counter = field(default_factory=Counter)       # (suture.link.method, verdict)
    hinted: Counter = field(default_factory=Counter)        # orphans with a span link to a server span: right or not
    requests: int = 0
    exact: int = 0        # requests whose calls, all of them and no others, are in their trace and below them
    calls: int = 0        # client spans, whether the truth knows their parent or not
    unknown: int = 0      # calls whose server span is not there: lost, or in another process

    @property
    def all(self):
        return self.cold + self.warm


def number_of(span):
    return int(span.path.rsplit("/", 1)[1])


class Judge:
    def __init__(self, spans, service_port, downstream_ports, factors, cold_requests):
        servers = [s for s in spans if s.kind == "server" and s.attributes.get("server.port") == service_port]
        self.servers = sorted(servers, key=lambda span: span.start)
        # The address that a proxy's Host names may be its own; the peer's is what it called.
        self.calls = [s for s in spans if s.kind == "client" and s.attributes.get("network.peer.port") in downstream_ports]
        self.exported = {span.span_id for span in spans}
        self.cause = {(s.pid, number_of(s) * factor % MODULUS): s for s in self.servers for factor in factors}
        self.warm_since = {}  # pid: the start of its first request that is no longer cold
        self.cold = set()     # span ids
        by_process = defaultdict(int)
        for span in self.servers:
            by_process[span.pid] += 1
            if by_process[span.pid] <= cold_requests:
                self.cold.add(span.span_id)
            else:
                self.warm_since.setdefault(span.pid, span.start)

    def is_cold(self, call, cause):
        if cause:
            return cause.span_id in self.cold
        return call.start < self.warm_since.get(call.pid, call.start + 1)

    def score(self):
        score = Score(requests=len(self.servers), calls=len(self.calls))
        for call in self.calls:
            cause = self.cause.get((call.pid, number_of(call)))
            background = number_of(call) < BACKGROUND_BELOW
            if not cause and not background:
                score.unknown += 1
            verdict = self.verdict(call, cause, background)
            if not verdict:
                continue
            (score.cold if self.is_cold(call, cause) else score.warm).add(verdict)
            if call.parent_id:
                score.methods[call.attributes.get("suture.link.method", "none"), verdict] += 1
            elif verdict == "orphan":
                score.hinted.update("right" if linked == cause.span_id else "wrong" for linked in call.links)
        score.exact = self.exact()
        return score

    def verdict(self, call, cause, background):
        if background:
            return "false_parent" if call.parent_id else "roots"
        if not cause:
            # Its cause was lost: a parent that is there is not what caused it, one that is not there may be.
            return "false_parent" if call.parent_id in self.exported else None
        if not call.parent_id:
            return "orphan"
        return "correct" if call.parent_id == cause.span_id else "wrong"

    def exact(self):
        given, true = defaultdict(set), defaultdict(set)
        for call in self.calls:
            given[call.parent_id].add((call.span_id, call.trace_id))
            cause = self.cause.get((call.pid, number_of(call)))
            if cause:
                true[cause.span_id].add((call.span_id, cause.trace_id))
        return sum(given[s.span_id] == true[s.span_id] for s in self.servers)


def judge(spans, service_port, downstream_ports, factors, cold_requests):
    """Only spans with these ports count, so other traffic of the host does no harm. What is behind a proxy may serve under
    the proxy's name: its spans are to be left out by the caller."""
    return Judge(spans, service_port, set(downstream_ports), factors, cold_requests).score()


def at_most(count, trials, probability):
    """P(X <= count) for `trials` tries. In logarithms, as the terms are too small for anything else."""
    hit, miss, ways = math.log(probability), math.log1p(-probability), math.lgamma(trials + 1)
    return sum(math.exp(ways - math.lgamma(k + 1) - math.lgamma(trials - k + 1) + k * hit + (trials - k) * miss)
               for k in range(count + 1))


def upper_bound(count, trials):
    """Clopper-Pearson: the one-sided upper 95 % bound of a share of which `count` of `trials` were seen."""
    if count >= trials:
        return 1.0
    low, high = count / trials, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if at_most(count, trials, middle) > 1 - CONFIDENCE else (low, middle)
    return high

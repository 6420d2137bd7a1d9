"""deploy/collector/: each configuration is valid, and the two tiers keep whole traces: all that failed or were slow, a share of
the others, although the spans of a trace come one by one to a first tier that knows no traces."""
import contextlib
import json
import os
import pathlib
import random
import subprocess
import tempfile
import time
import urllib.request

from backends import CACHE, HERE, Backend
from polling import Timeout, wait_until
from spans import spans_of_lines

CONFIGURATIONS = HERE.parent.parent / "deploy" / "collector"
OTELCOL = CACHE / "bin" / "otelcol"
VARIABLES = {"SECOND_TIER": "[127.0.0.1:1, 127.0.0.1:2]", "BACKEND": "http://127.0.0.1:1"}
NOT_VALIDATED = {"xray.yaml": "needs the exporter awsxray"}
TRACES, SPANS = 400, 4
SHARE_PERCENT = 20
DECISION_S = 3
WAIT_S = 60


class Tier(Backend):
    def __init__(self, work, name, configuration, overlay):
        super().__init__(work, name)
        self.name, self.configurations = name, (CONFIGURATIONS / configuration, HERE / "config" / overlay)

    def command(self):
        return [OTELCOL, *(f"--config={path}" for path in self.configurations)]


def validate():
    good = True
    for path in sorted(CONFIGURATIONS.glob("*.yaml")):
        if path.name in NOT_VALIDATED:
            print(f"deploy/collector/{path.name}: NOT VALIDATED: {NOT_VALIDATED[path.name]}, which the tests' Collector does not have")
            continue
        checked = subprocess.run([OTELCOL, "validate", f"--config={path}"], env={**os.environ, **VARIABLES}, capture_output=True, text=True, check=False)
        good = good and checked.returncode == 0
        print(f"deploy/collector/{path.name}: {'valid' if checked.returncode == 0 else checked.stderr}")
    return good


def kind_of(trace):
    return "failed" if trace % 20 == 0 else "slow" if trace % 20 == 1 else "plain"


def span(trace, position, now):
    """Of a chain of SPANS spans; the last one fails, or the first one takes a second."""
    ids = [f"{trace * SPANS + place + 1:016x}" for place in range(SPANS)]
    length = 1_000_000_000 if kind_of(trace) == "slow" and position == 0 else 1_000_000
    failed = kind_of(trace) == "failed" and position == SPANS - 1
    return {"traceId": f"{random.Random(trace).getrandbits(128):032x}", "spanId": ids[position], "parentSpanId": ids[position - 1] if position else "",
            "name": str(trace), "kind": 2, "startTimeUnixNano": str(now), "endTimeUnixNano": str(now + length), "status": {"code": 2} if failed else {}}


def post(url, spans):
    body = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": spans}]}]}
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).close()


def traces_in(tier):
    """Trace number -> how many of its spans this Collector kept."""
    counts = {}
    for kept in spans_of_lines(tier.data / "kept.jsonl").values():
        counts[int(kept["name"])] = counts.get(int(kept["name"]), 0) + 1
    return counts


def problems_of(kept):
    """`kept`: traces_in() of each Collector of the second tier."""
    problems = [] if all(kept) else ["a Collector of the second tier got nothing"]
    both = kept[0].keys() & kept[1].keys()
    whole = {trace for each in kept for trace, count in each.items() if count == SPANS}
    every = kept[0].keys() | kept[1].keys()
    if both or every != whole:
        problems.append(f"{len(both)} traces were split between Collectors, {len(every - whole)} are not whole")
    wanted = {trace for trace in range(TRACES) if kind_of(trace) != "plain"}
    if not wanted <= whole:
        problems.append(f"{len(wanted - whole)} of {len(wanted)} failed and slow traces are missing")
    plain, share = TRACES - len(wanted), SHARE_PERCENT / 100
    got, deviation = len(whole - wanted), (plain * share * (1 - share)) ** 0.5
    if abs(got - plain * share) > 3 * deviation:
        problems.append(f"{got} of {plain} other traces were kept, {plain * share:.0f} were meant")
    print(f"tiers: kept {len(wanted & whole)} of {len(wanted)} failed and slow traces, {got} of {plain} others at {SHARE_PERCENT} %, in two Collectors"
          f" {len(kept[0])} and {len(kept[1])}; {len(problems)} problems")
    return problems


def keep_whole_traces(work, stack):
    second = [Tier(work, f"second-{number}", "second-tier.yaml", "tier.yaml") for number in (1, 2)]
    first = Tier(work, "first", "first-tier.yaml", "ready.yaml")
    common = {"LISTEN": "127.0.0.1", "DECISION_WAIT": f"{DECISION_S}s", "SHARE_PERCENT": str(SHARE_PERCENT), "BACKEND": VARIABLES["BACKEND"]}
    for tier in second:
        stack.callback(tier.stop)
        tier.start(**common)
    stack.callback(first.stop)
    first.start(**common, HTTP_PORT=str(first.port["OTLP_PORT"]),
                SECOND_TIER="[" + ", ".join(f"127.0.0.1:{tier.port['GRPC_PORT']}" for tier in second) + "]")
    for tier in (*second, first):
        tier.wait_ready()
    now = time.time_ns()
    for position in range(SPANS):  # a request holds one span of each of many traces
        post(first.url("OTLP_PORT", "/v1/traces"), [span(trace, position, now) for trace in range(TRACES)])
    wanted = sum(kind_of(trace) != "plain" for trace in range(TRACES))

    def decided():
        return sum(kind_of(trace) != "plain" and count == SPANS for tier in second for trace, count in traces_in(tier).items()) == wanted

    with contextlib.suppress(Timeout):
        wait_until(decided, WAIT_S, "")
    for tier in (first, *second):
        tier.stop()  # decides what is left
    return problems_of([traces_in(tier) for tier in second])


def check():
    good = validate()
    with tempfile.TemporaryDirectory(prefix="suture-tiers-") as directory, contextlib.ExitStack() as stack:
        problems = keep_whole_traces(pathlib.Path(directory), stack)
    for problem in problems:
        print("  " + problem)
    return good and not problems

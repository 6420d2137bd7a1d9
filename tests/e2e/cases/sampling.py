"""--keep under the live agent: failed and slow traces whole, of the others a share; what is dropped is counted."""

import json

from load import run_load
from request import Request
from runtimes import start_backend

REQUESTS, EVERY = 3000, 100  # of a hundred one fails and one is slow
SHARE = 0.05
SLOW_MS = 600
DEVIATIONS = 5  # trace ids are random: three would fail once in 400 runs


def run(scene, _):
    service = start_backend(scene, "python")
    scene.start_agent("--keep", f"error || duration > 500ms || {SHARE:.0%}")
    wanted, requests = set(), []
    for i in range(REQUESTS):
        route = {7: "/status/500/{}", 57: f"/slow/{SLOW_MS}/{{}}"}.get(i % EVERY, "/r/{}")
        path = route.format(scene.unique())
        requests.append(Request(path))
        if not path.startswith("/r/"):
            wanted.add(path)
    run_load(service.address, requests)
    service.served(REQUESTS)
    spans = scene.agent.stop()
    problems = scene.agent.problems

    traces = {}
    for span in spans:
        if scene.token in span.path:
            traces.setdefault(span.path, []).append(span)
    for path, found in sorted(traces.items()):
        kinds = sorted(span.kind for span in found)
        if kinds != ["client", "server"] or len({span.trace_id for span in found}) != 1:
            problems.append(f"{path}: not one whole trace: {[str(span) for span in found]}")
        states = {span.trace_state for span in found}
        if states != {"ot=th:0" if path in wanted else "ot=th:f3333"}:
            problems.append(f"{path}: trace state {states}")
    problems += [f"{path}: was not kept" for path in sorted(wanted - traces.keys())]
    others, count = len(traces.keys() - wanted), REQUESTS - len(wanted)
    expected, deviation = count * SHARE, (count * SHARE * (1 - SHARE)) ** 0.5
    if abs(others - expected) > DEVIATIONS * deviation:
        problems.append(f"{others} of {count} other traces were kept; {expected:.0f} are expected")
    dropped = json.loads(scene.agent.ledger_path.read_text())["spans"]["dropped"]
    if dropped["sampled_out"] < 2 * (count - others) or dropped["undecided"] or dropped["rate_limited"]:
        problems.append(f"the ledger says {dropped}; {2 * (count - others)} spans were sampled out")
    print(f"{len(wanted)} failed or slow and {others} of {count} other traces, {len(problems)} problems")
    scene.fail_if(problems)

#!/usr/bin/env python3
"""Real backends (make test-backends): one agent captures the demo shop's traffic and sends the same traces to all of them at
once; each is asked for them by its own query API, and what it says is held against the agent's --otlp-file. Then the Collector
configurations of deploy/collector/.

usage: run.py [--suture BINARY] [NAME...]     NAME: jaeger otelcol tempo zipkin tiers (all)

A backend that cannot be had on this host is left out, which a line at the end says. Exit status 0 only if all others agree, 77 if there
is none.
"""
import argparse
import contextlib
import json
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent.parent / "demo"), str(HERE.parent / "e2e")]

import backends  # noqa: E402
import tiers  # noqa: E402
from polling import Timeout, wait_until  # noqa: E402
from services import Shop  # noqa: E402
from spans import differences, spans_of_lines  # noqa: E402
from suture import Agent  # noqa: E402

PURCHASES = 30  # every tenth fails at the stock
SPANS = 8       # that one purchase makes at least
SETTLE_S = 120
PROBLEMS_SHOWN = 10
SKIPPED = 77  # CMake: SKIP_RETURN_CODE


def settled(path, least):
    """True once every span has left the agent, and every destination has it."""
    if not path.exists():
        return False
    ledger = json.loads(path.read_text() or "{}")
    sent = ledger.get("deliveries", {}).values()
    return bool(sent) and ledger["spans"]["held"] == 0 and all(each["accepted"] == ledger["spans"]["exported"] >= least for each in sent)


def capture(options, work, running):
    """One run of the agent; returns its spans. What was wrong with the ledger is raised."""
    shop = Shop(work / "shop")
    with contextlib.closing(shop):
        shop.start()
        for backend in running:
            backend.wait_ready()
        to = [word for backend in running for url in backend.destinations().values() for word in ("--to", url)]
        ports = ",".join(map(str, shop.ports.values()))
        agent = Agent(options.suture, "auto", work / "agent", [*to, "--include-port", ports])
        try:
            port, path = shop.entrance
            for item in range(1, PURCHASES + 1):
                backends.get(f"http://127.0.0.1:{port}{path}{item}")
            wait_until(lambda: settled(agent.ledger_path, PURCHASES * SPANS), SETTLE_S, "every destination to have every span")
            agent.stop()
        except Timeout:
            print(agent.ledger_path.read_text(), agent.stderr(), sep="\n")
            raise
        finally:
            agent.kill()
    if agent.problems:
        raise RuntimeError("; ".join(agent.problems))
    return spans_of_lines(agent.spans_path)


def read_back(backend, way, spans):
    """What the backend has of these spans, once it has as many; else what it has in the end."""
    traces, found = {trace for trace, _ in spans}, {}

    def has_all():
        nonlocal found
        with contextlib.suppress(OSError):  # not known yet is 404
            found = backend.read(traces, way)
        return len(found) >= len(spans)

    with contextlib.suppress(Timeout):
        wait_until(has_all, SETTLE_S, "")
    return found


def same_everywhere(options, work, running):
    spans = capture(options, work, running)
    good = True
    for backend in running:
        for way in backend.destinations():
            expected = {key: backend.view(span) for key, span in spans.items()}
            problems = differences(expected, read_back(backend, way, spans))
            good = good and not problems
            name = backend.name if way == backend.name else f"{backend.name} by {way}"
            print(f"{name}: {len(spans)} spans of {len({trace for trace, _ in spans})} traces, {len(problems)} differences", flush=True)
            for problem in problems[:PROBLEMS_SHOWN]:
                print("  " + problem)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suture", default=HERE.parent.parent / "build" / "suture")
    parser.add_argument("name", nargs="*")
    options = parser.parse_args()
    wanted = options.name or [each.name for each in backends.ALL] + ["tiers"]
    absent = {name for name in wanted if not backends.have("otelcol" if name == "tiers" else name)}

    good = True
    with tempfile.TemporaryDirectory(prefix="suture-backends-") as directory, contextlib.ExitStack() as stack:
        work = pathlib.Path(directory)
        work.chmod(0o755)  # nginx's workers are another user
        for part in ("shop", "agent"):
            (work / part).mkdir()
        running = [each(work) for each in backends.ALL if each.name in wanted and each.name not in absent]
        for backend in running:
            stack.callback(backend.stop)
            backend.start()
        if running:
            good = same_everywhere(options, work, running)
    if "tiers" in wanted and "tiers" not in absent:
        good = tiers.check() and good
    for name in sorted(absent):
        print(f"NOT TESTED: {name} cannot be had on this host; why stands above")
    print(f"{len(wanted) - len(absent)} of {len(wanted)} tested: {'all agree' if good else 'THERE ARE DIFFERENCES'}")
    return 1 if not good else SKIPPED if len(absent) == len(wanted) else 0


if __name__ == "__main__":
    sys.exit(main())

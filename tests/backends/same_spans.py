"""One agent captures the demo shop's traffic and sends the same traces to several backends at once; what each gives back is held
against the agent's --otlp-file."""
import contextlib
import json
import pathlib
import tempfile

from backends import get
from polling import Timeout, wait_until
from services import Shop
from spans import differences, spans_of_lines
from suture import Agent

PURCHASES = 30  # every tenth fails at the stock
SPANS = 8       # that one purchase makes at least
SETTLE_S = 120
PROBLEMS_SHOWN = 10


def settled(path, least):
    """True once every span has left the agent, and every destination has it."""
    if not path.exists():
        return False
    ledger = json.loads(path.read_text() or "{}")
    sent = ledger.get("deliveries", {}).values()
    return bool(sent) and ledger["spans"]["held"] == 0 and all(each["accepted"] == ledger["spans"]["exported"] >= least for each in sent)


def capture(suture, work, running):
    """One run of the agent; returns its spans. What was wrong with the ledger is raised."""
    shop = Shop(work / "shop")
    with contextlib.closing(shop):
        shop.start()
        for backend in running:
            backend.wait_ready()
        to = [word for backend in running for word in backend.options()]
        ports = ",".join(map(str, shop.ports.values()))
        agent = Agent(suture, "auto", work / "agent", [*to, "--include-port", ports])
        try:
            port, path = shop.entrance
            for item in range(1, PURCHASES + 1):
                get(f"http://127.0.0.1:{port}{path}{item}")
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


def compare(suture, work, running):
    spans = capture(suture, work, running)
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


def check(suture, classes):
    with tempfile.TemporaryDirectory(prefix="suture-backends-") as directory, contextlib.ExitStack() as stack:
        work = pathlib.Path(directory)
        work.chmod(0o755)  # nginx's workers are another user
        for part in ("shop", "agent"):
            (work / part).mkdir()
        running = [each(work) for each in classes]
        for backend in running:
            stack.callback(backend.stop)
            backend.start()
        return compare(suture, work, running)

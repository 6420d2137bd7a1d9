"""The agent's own export makes no spans, for as long as anyone watches."""

import os

from connection import Connection
from polling import Timeout, wait_until
from request import Request
from runtimes import start_odd, start_script
from scene import Failure
from truth import Hop

WATCH_SECONDS = int(os.environ.get("SUTURE_E2E_FEEDBACK_SECONDS", 20))
EXPORT_SECONDS = 20


def run(scene, _):
    odd, collector = start_odd(scene), start_script(scene, "collector.py")
    agent = scene.start_agent("--otlp", f"http://127.0.0.1:{collector.address[1]}")
    exports = lambda: len(collector.log.read_text().splitlines())
    sent = []

    def request_and_export():
        before = exports()
        with Connection(odd.address) as connection:
            sent.append(connection.exchange(Request(f"/r/{scene.unique()}")))
        wait_until(lambda: exports() > before, EXPORT_SECONDS, "an export")
        wait_until(lambda: len(ours()) == 2 * len(sent), EXPORT_SECONDS, "two spans in the file")

    def ours():
        return [span for span in agent.spans() if span.pid in (os.getpid(), odd.pid, collector.pid, agent.pid)]

    request_and_export()
    try:
        # An export that is traced makes spans, which are exported: it would not stay at two.
        wait_until(lambda: len(ours()) != 2, WATCH_SECONDS, "spans that nobody asked for")
        raise Failure(f"spans out of nothing: {[str(span) for span in ours()]}")
    except Timeout:
        pass
    request_and_export()
    scene.check([Hop("client -> odd", sent, odd.served(2))], pids={agent.pid, collector.pid})

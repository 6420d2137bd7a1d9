"""A (SDK) -> B (drops the context) -> C (SDK), whose SDK begins a trace of its own; both export to the gateway.

usage: gateway:rewrite, gateway:link. SUTURE_E2E_GATEWAY_REQUESTS: how many requests, 200 if unset."""

import json
import os
import sys
from pathlib import Path

from polling import wait_until
from runtimes import SERVICES, free_port, start
from stories import PACKAGES, judge

sys.path.append(str(Path(__file__).resolve().parent.parent.parent / "truth"))
from install import Installer  # noqa: E402

REQUESTS = int(os.environ.get("SUTURE_E2E_GATEWAY_REQUESTS", 200))
IN_FLIGHT = 16
TRAFFIC_SECONDS, EXPORT_SECONDS = 200, 40


def records(store):
    return [json.loads(line) for line in store.log.read_text().split("\n")[:-1]]


def run(scene, mend):
    python = Installer(scene.build).python(*PACKAGES)
    serve = lambda script, *more: start(scene, script, [python, SERVICES / script, log := scene.file(script + ".log"), "127.0.0.1", *more], log, "127.0.0.1")
    store = serve("otlp_store.py")
    port = free_port("127.0.0.1")
    endpoint = f"http://127.0.0.1:{port}"
    agent = scene.start_agent("--otlp", f"http://127.0.0.1:{store.address[1]}", "--otlp-listen", f"127.0.0.1:{port}", "--mend", mend)
    c = serve("sdk_service.py", endpoint)
    b = serve("gap.py", c.address[1])
    prefix = scene.unique()
    a = scene.spawn([python, SERVICES / "sdk_client.py", endpoint, f"http://127.0.0.1:{b.address[1]}", prefix, REQUESTS, IN_FLIGHT])
    wait_until(lambda: a.poll() is not None, TRAFFIC_SECONDS, "the client's end")
    scene.fail_if([f"the client ended with {a.returncode}"] if a.returncode else [])
    # What both SDKs and we report: the client's two spans, two of B, the service's two and one log record; with links also C's server.
    expected = REQUESTS * (7 if mend == "rewrite" else 8)
    try:
        wait_until(lambda: sum(prefix in line for line in store.log.read_text().split("\n")) >= expected, EXPORT_SECONDS, f"{expected} records")
    finally:
        agent.stop()
        print("gateway:", json.loads(agent.ledger_path.read_text())["gateway"])
    scene.fail_if(judge(records(store), prefix, REQUESTS, mend) + agent.problems)

"""A (SDK) -> B (drops the context) -> C (SDK), no gateway: suture writes the context into what B sends.

usage: propagate:python (or nginx, node, go, java): one trace per request, a connection for each. propagate:bytes: all but the one header is as it was, whatever is sent, and
while the agent is killed. propagate:bytes-tcp: the same with the TCP option, which changes none of them. propagate:off: without the option nothing that can write is in the kernel.
SUTURE_E2E_PROPAGATE_REQUESTS, SUTURE_E2E_PROPAGATE_MESSAGES: how many."""

import collections
import http.client
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bpf_objects import BpfObjects, held_by, show
from cases.gateway import records
from polling import Timeout, wait_until
from runtimes import SERVICES, start, start_gap, start_script
from scene import Failure
from stories import PACKAGES, judge

sys.path.append(str(Path(__file__).resolve().parent.parent.parent / "truth"))
from install import Installer  # noqa: E402

REQUESTS = int(os.environ.get("SUTURE_E2E_PROPAGATE_REQUESTS", 200))
MESSAGES = int(os.environ.get("SUTURE_E2E_PROPAGATE_MESSAGES", 400))
IN_FLIGHT = 16
WARM_UP = {"node": (400, IN_FLIGHT)}  # requests, in flight
KINDS = 21  # of messages that wire_writer.py sends in turn
TRAFFIC_SECONDS, EXPORT_SECONDS, GONE_SECONDS = 200, 40, 2
WRITERS = ("sock_ops", "sk_msg", "sk_skb")
HOST = "127.0.0.1"


def one_trace_each(scene, b):
    python = Installer(scene.build).python(*PACKAGES)
    serve = lambda script, *more: start(scene, script, [python, SERVICES / script, log := scene.file(script + ".log"), HOST, *more], log, HOST)
    store = serve("otlp_store.py")
    endpoint = f"http://{HOST}:{store.address[1]}"
    c = serve("sdk_service.py", endpoint)
    gap = start_gap(scene, b, c.address[1])
    chosen = ("--propagate-exe", "nginx") if b == "nginx" else ("--propagate-service", "gap")
    agent = scene.start_agent("--otlp", endpoint, "--propagate", "header", *chosen)
    scene.fail_if([agent.stderr()] if "is off" in agent.stderr() else [])

    def send(count, in_flight):
        prefix = scene.unique()
        a = scene.spawn([python, SERVICES / "sdk_client.py", endpoint, f"http://{HOST}:{gap.address[1]}", prefix, count, in_flight])
        wait_until(lambda: a.poll() is not None, TRAFFIC_SECONDS, "the client's end")
        scene.fail_if([f"the client ended with {a.returncode}"] if a.returncode else [])
        return prefix

    # What is exact in a process, and who speaks HTTP, is learned from its first requests. A loop must show it under load.
    send(*WARM_UP.get(b, (40, 2)))
    prefix = send(REQUESTS, IN_FLIGHT)
    # What both SDKs and we report: the client's two spans, two of B, the service's two and one log record.
    mine = lambda: [r for r in records(store) if prefix in json.dumps(r)]
    try:
        wait_until(lambda: len(mine()) >= 7 * REQUESTS, EXPORT_SECONDS, f"{7 * REQUESTS} records")
    finally:
        agent.stop()
        print("contexts:", json.loads(agent.ledger_path.read_text())["events"]["contexts"])
    scene.fail_if(judge(records(store), prefix, REQUESTS, "header") + agent.problems)


class Writer:
    """Has messages sent, several at once, and counts."""

    def __init__(self, scene):
        echo = start_script(scene, "wire_echo.py")
        log = scene.file("writer.log")
        self.service = start(scene, "writer", [sys.executable, SERVICES / "wire_writer.py", log, HOST, echo.address[1]], log, HOST,
                             environment={"OTEL_SERVICE_NAME": "writer"})
        self.next, self.inserted, self.problems = 0, collections.Counter(), []

    def ask(self, number):
        connection = http.client.HTTPConnection(*self.service.address, timeout=60)
        connection.request("GET", f"/x/{number}")
        kind, inserted, word = connection.getresponse().read().decode().split(" ", 2)
        connection.close()
        return kind, int(inserted), word

    def send(self, count):
        numbers, self.next = range(self.next, self.next + count), self.next + count
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            for kind, inserted, word in pool.map(self.ask, numbers):
                self.inserted[kind] += inserted
                if word != "same":
                    self.problems.append(f"{kind}: {word}")


def written(agent):
    """Contexts that the agent says it has written, as of its last ledger."""
    if not agent.ledger_path.exists():
        return 0
    return json.loads(agent.ledger_path.read_text())["events"]["contexts"].get("written", 0)


def bytes_stay(scene, method):
    writer = Writer(scene)
    key = scene.file("id.key")
    key.write_bytes(os.urandom(16))
    chosen = ("--propagate", method, "--propagate-service", "writer", "--id-key-file", str(key))
    for life in range(2):
        objects = BpfObjects()
        agent = scene.start_agent(*chosen)
        objects.observe(agent.pid)
        scene.fail_if([agent.stderr()] if "is off" in agent.stderr() else [])
        wait_until(lambda: writer.send(KINDS) or written(agent), TRAFFIC_SECONDS, "a context")
        writer.send(MESSAGES // 3)
        with ThreadPoolExecutor(1) as other:
            under_way = other.submit(writer.send, MESSAGES // 6)
            if life == 0:
                agent.kill()
            under_way.result()
        if life == 0:
            try:
                wait_until(lambda: not objects.left(), GONE_SECONDS, "the kernel to let go")
            except Timeout:
                raise Failure(f"{GONE_SECONDS} s after the kill: {objects.left()}") from None
    spans = agent.stop()
    print(f"{writer.next} messages, headers inserted: {dict(writer.inserted)}")
    print("contexts:", json.loads(agent.ledger_path.read_text())["events"]["contexts"])
    kinds = ("get", "body", "keep-alive", "pipelined", "chunked", "ranges") if method == "header" else ()
    missing = [f"{kind}: no header was ever inserted" for kind in kinds if not writer.inserted[kind]]
    if method == "tcp" and any(writer.inserted.values()):
        missing.append("the payload was changed")
    missing += [] if spans else ["no spans"]
    scene.fail_if(writer.problems + missing + agent.problems)


def nothing_writes(scene):
    agent = scene.start_agent()
    held = held_by(agent.pid)["prog"]
    ours = [p for number, p in show("prog").items() if number in held]
    scene.fail_if([f"{p}" for p in ours if p["type"] in WRITERS] + ([] if ours else ["no programs"]))
    agent.stop()
    print(f"{len(ours)} programs, none of a kind that can write")
    refused = scene.spawn([scene.binary, "run", "--propagate", "header"])
    wait_until(lambda: refused.poll() is not None, GONE_SECONDS * 10, "the refusal")
    scene.fail_if(agent.problems + ([] if refused.returncode == 2 else [f"--propagate without a choice ends with {refused.returncode}"]))


def run(scene, what):
    {"bytes": lambda stage: bytes_stay(stage, "header"), "bytes-tcp": lambda stage: bytes_stay(stage, "tcp"), "off": nothing_writes}.get(what, lambda stage: one_trace_each(stage, what))(scene)

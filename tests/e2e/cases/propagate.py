"""A (SDK) -> B (drops the context) -> C (SDK), no gateway: suture writes the context into what B sends.

usage: propagate:python (or nginx, node, go, java): one trace per request, a connection for each. propagate:bytes: all but the one header is as it was, whatever is sent, by
a service of our own, nginx and haproxy, and while the agent is killed; how long that takes, without an agent, beside one that only reads, and with one that writes. propagate:bytes-tcp: the same with the TCP option, which changes none of them. propagate:off: without the option nothing that can write is in the kernel, with it there is.
SUTURE_E2E_PROPAGATE_REQUESTS, SUTURE_E2E_MESSAGES, SUTURE_E2E_MESSAGES_PER_SECOND, SUTURE_E2E_KILLS: how many. A stall is told best where the processors are idle half of the time."""

import json
import os
import sys
from pathlib import Path

from bpf_objects import BpfObjects, held_by, show
from cases.gateway import records
from polling import Timeout, wait_until
from runtimes import SERVICES, start, start_gap
from scene import Failure
from stories import PACKAGES, judge
from wire import Wire

sys.path.append(str(Path(__file__).resolve().parent.parent.parent / "truth"))
from install import Installer  # noqa: E402

REQUESTS = int(os.environ.get("SUTURE_E2E_PROPAGATE_REQUESTS", 200))
MESSAGES = int(os.environ.get("SUTURE_E2E_MESSAGES", 20_000))
IN_FLIGHT = 16
WARM_UP = {"node": (400, IN_FLIGHT)}  # requests, in flight
KILLS = int(os.environ.get("SUTURE_E2E_KILLS", 2))
KINDS = 21  # of messages that wire_writer sends in turn
WITHOUT = 4  # one message without an agent for so many with it
WITH_HEADER = ("raw get", "raw body", "raw keep-alive", "raw pipelined", "raw chunked", "raw ranges", "nginx get", "nginx large-body")
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


def written(agent):
    """Contexts that the agent says it has written, as of its last ledger."""
    if not agent.ledger_path.exists():
        return 0
    return json.loads(agent.ledger_path.read_text())["events"]["contexts"].get("written", 0)


def one_life(scene, chosen, wire, share, killed):
    """Returns the agent, which has ended if `killed`, and how many contexts it has written as far as is known."""
    wire.send(share // WITHOUT, "without")
    reader = scene.start_agent()
    wire.send(share // WITHOUT, "read")
    reader.stop()
    scene.fail_if(reader.problems)
    objects = BpfObjects()
    agent = scene.start_agent(*chosen)
    objects.observe(agent.pid)
    scene.fail_if([agent.stderr()] if "is off" in agent.stderr() else [])
    wait_until(lambda: wire.send(KINDS, "first") or written(agent), TRAFFIC_SECONDS, "a context")
    wire.send(share, "with")
    if not killed:
        return agent, 0
    total = written(agent)
    wire.send(share // WITHOUT, "killed", agent.kill)
    try:
        wait_until(lambda: not objects.left(), GONE_SECONDS, "the kernel to let go")
    except Timeout:
        raise Failure(f"{GONE_SECONDS} s after the kill: {objects.left()}") from None
    return agent, total


def bytes_stay(scene, method):
    wire = Wire(scene)
    key = scene.file("id.key")
    key.write_bytes(os.urandom(16))
    chosen = ("--propagate", method, "--propagate-service", "writer", "--propagate-exe", "nginx,haproxy", "--id-key-file", str(key))
    lives = [one_life(scene, chosen, wire, MESSAGES // (KILLS + 1), killed=life < KILLS) for life in range(KILLS + 1)]
    agent = lives[-1][0]
    spans = agent.stop()
    contexts = json.loads(agent.ledger_path.read_text())["events"]["contexts"]
    print("\n".join(wire.report()))
    print(f"{sum(count for _, count in lives) + contexts['written']} contexts written; by the last agent: {contexts}")
    inserted = wire.inserted
    missing = [f"{kind}: no header was ever inserted" for kind in WITH_HEADER if method == "header" and not inserted[kind]]
    missing += ["the payload was changed"] if method == "tcp" and any(inserted.values()) else []
    missing += [] if spans else ["no spans"]
    scene.fail_if(wire.problems + missing + agent.problems)


def programs(agent):
    """Of what it holds: how many, and what those are that can write."""
    held = held_by(agent.pid)["prog"]
    ours = [p for number, p in show("prog").items() if number in held]
    return len(ours), sorted(p["type"] for p in ours if p["type"] in WRITERS)


def nothing_writes(scene):
    asked = scene.start_agent("--propagate", "header", "--propagate-service", "nobody")
    count, writers = programs(asked)
    asked.stop()
    print(f"with --propagate header {count} programs, which can write: {writers}")
    scene.fail_if([] if writers else ["none can write where it was asked for, so this looks for the wrong ones"])
    agent = scene.start_agent()
    count, writers = programs(agent)
    agent.stop()
    print(f"without {count} programs, which can write: {writers}")
    scene.fail_if([f"{writers} can write"] if writers else [] if count else ["no programs"])
    refused = scene.spawn([scene.binary, "run", "--propagate", "header"])
    wait_until(lambda: refused.poll() is not None, GONE_SECONDS * 10, "the refusal")
    scene.fail_if(asked.problems + agent.problems + ([] if refused.returncode == 2 else [f"--propagate without a choice ends with {refused.returncode}"]))


def run(scene, what):
    {"bytes": lambda stage: bytes_stay(stage, "header"), "bytes-tcp": lambda stage: bytes_stay(stage, "tcp"), "off": nothing_writes}.get(what, lambda stage: one_trace_each(stage, what))(scene)

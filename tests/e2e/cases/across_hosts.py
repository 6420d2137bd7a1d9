"""Two hosts, each with an agent that sees its own processes alone, and a router between: A calls B, which calls C beside it.

usage: across-hosts:routed, with a Redis that is there, slow, away, and back; :full-nat, with address translation both ways and a
Redis that asks for TLS and a password; :cluster, with a cluster of three; :alone, without one. :option, :option-nat, :option-loss: without one, but A
and B send their traces along as a TCP option, also where packets are lost. :renumbered: the same, and a firewall changes the sequence numbers, so that
nothing can be joined, which is told. SUTURE_E2E_EDGES: how many requests, 800 if unset."""

import json
import os
import shutil
import subprocess

from load import run_load
from namespace import Router
from polling import wait_until
from redis import Redis, RedisCluster, SecuredRedis
from request import Request
from runtimes import start_relay, start_script, text_of
from scene import Skip
from span import read_spans

REQUESTS, FEW = int(os.environ.get("SUTURE_E2E_EDGES", 800)), 100
IN_FLIGHT = 16
SPANS = 5  # of each request: server and client of A and B, server of C
EXPORT_SECONDS = 20  # spans wait up to 5 s for an answer
LEAST_SHARE = 0.99
LOST_PERCENT = 5


class Hosts:
    def __init__(self, scene, nat, redis, option=False):
        self.scene = scene
        self.router = Router(scene)
        place = {"host": Router.SERVER, "prefix": self.router.inside("server")}
        c = start_script(scene, "service.py", Router.SERVER, prefix=self.router.inside("server"))
        b = start_relay(scene, "python", "b", f"drop=http://{text_of(c.address)}", **place)
        address = self.router.translate(b.address, hide_client=True) if nat else b.address
        a = start_relay(scene, "python", "a", f"drop=http://{text_of(address)}", host=Router.CLIENT, prefix=self.router.inside("client"))
        self.entrance = a.address
        key = scene.file("id.key")
        key.write_bytes(os.urandom(16))
        options = ["--id-key-file", key, *(redis.agent_options() if redis else []), *(["--propagate", "tcp"] if option else [])]
        chosen = lambda name: ["--propagate-service", name] if option else []
        self.recording = scene.file("b.events")
        self.agent_a = scene.start_agent(*map(str, options), f"--include-pid={a.pid}", *chosen("a"), host="a")
        self.agent_b = scene.start_agent(*map(str, options), f"--include-pid={b.pid},{c.pid}", *chosen("b"), "--record", str(self.recording), host="b")

    def load(self, count):
        """Sends so many requests, waits for their spans, and returns the story of each: its spans by host and kind."""
        paths = [f"/r/{self.scene.unique()}" for _ in range(count)]
        with self.router.entered("client"):
            run_load(self.entrance, [Request(path) for path in paths], IN_FLIGHT)

        def whole():
            stories = self.stories(paths)
            return stories if all(len(story) == SPANS for story in stories) else None

        return wait_until(whole, EXPORT_SECONDS, f"the spans of {count} requests")

    def stories(self, paths):
        stories = {path: {} for path in paths}
        for host, agent in (("a", self.agent_a), ("b", self.agent_b)):
            for span in agent.spans():
                if span.path not in stories:
                    continue
                name = f"{host} {span.kind}" if span.service == host else f"c {span.kind}"
                stories[span.path][name] = span
        return list(stories.values())


def judge(phase, stories, problems, one_name=True):
    """How many of the edges from A to B are linked; what is false is a problem. `one_name`: both ends call an edge the same."""
    linked = alone = 0
    for story in stories:
        client, server = story["a client"], story["b server"]
        everyone = {span.span_id: span for span in story.values()}
        for span in story.values():
            parent = everyone.get(span.parent_id)
            if span.parent_id and (parent is None or parent.trace_id != span.trace_id):
                problems.append(f"{phase}: dangling parent {span.parent_id} of {span}")
        below = {story[name].trace_id for name in ("b server", "b client", "c server")}
        if server.parent_id == client.span_id and below == {client.trace_id} and server.attributes.get("suture.link.method") == "connection":
            linked += 1
        elif not server.parent_id and len(below) == 1 and client.attributes.get("suture.edge.id") == client.span_id and \
                (server.attributes.get("suture.edge.id") == client.span_id) == one_name:
            alone += 1
        else:
            problems.append(f"{phase}: neither linked nor two roots of one edge: {story}")
        if story["a server"].trace_id != client.trace_id:
            problems.append(f"{phase}: A's own link is missing: {story}")
    print(f"{phase}: {len(stories)} edges at {IN_FLIGHT} in flight: {linked} linked ({100 * linked / len(stories):.2f} %), {alone} two roots with suture.edge.id")
    return linked


def expect_most(phase, linked, count, problems):
    if linked < LEAST_SHARE * count:
        problems.append(f"{phase}: only {linked} of {count} linked")


def check_edges(hosts, edges, linked, problems):
    """What the agents counted, against what was done."""
    a, b = (json.loads(agent.ledger_path.read_text())["edges"] for agent in (hosts.agent_a, hosts.agent_b))
    print("edges of A:", a, "\nedges of B:", b)
    for what, left, right in (("A sent", a["sent"], edges), ("A received from the load", a["received"], edges), ("B received", b["received"], edges),
                              ("B linked", b["linked"], linked)):
        if left != right:
            problems.append(f"ledger: {what}: {left} != {right}: A {a}, B {b}")
    return b


def contexts(agent):
    return json.loads(agent.ledger_path.read_text())["events"]["contexts"]


def check_replay(hosts, stories, problems):
    """What was told along with requests is in the recording: B's spans of these are in the traces in which they were exported."""
    paths = {span.path for story in stories for span in story.values()}
    replayed = hosts.scene.file("replayed.jsonl")
    subprocess.run([hosts.scene.binary, "replay", hosts.recording, "--otlp-file", replayed], check=True, capture_output=True)
    places = lambda spans: sorted((span.path, span.kind, span.service, span.trace_id, bool(span.parent_id)) for span in spans if span.path in paths)
    live, again = places(hosts.agent_b.spans()), places(read_spans(replayed))
    if live != again or not live:
        problems.append(f"the replay of B's recording: {len(set(live) ^ set(again))} of {len(live)} spans are elsewhere")


def carried(scene, nat, lost_percent):
    """Neither store nor header: what is between the hosts is in TCP's own header, as long as it is let through."""
    hosts = Hosts(scene, nat, None, option=True)
    scene.fail_if([agent.stderr() for agent in (hosts.agent_a, hosts.agent_b) if "is off" in agent.stderr()])
    problems = []
    # What is exact in a process is learned from its first requests, and so is that it is chosen.
    first = judge("first requests", hosts.load(2 * IN_FLIGHT), problems)
    if lost_percent:
        hosts.router.lose(lost_percent)
    stories = hosts.load(REQUESTS)
    linked = judge("with the option", stories, problems)
    expect_most("with the option", linked, REQUESTS, problems)
    hosts.agent_a.stop()
    hosts.agent_b.stop()
    check_edges(hosts, REQUESTS + 2 * IN_FLIGHT, first + linked, problems)
    sent, read = contexts(hosts.agent_a), contexts(hosts.agent_b)
    print("contexts of A:", sent, "\ncontexts of B:", read)
    if sent["written"] < linked or read["read"] < linked or read["foreign"]:
        problems.append("not all that is linked was written and read")
    check_replay(hosts, stories, problems)
    scene.fail_if(problems + hosts.agent_a.problems + hosts.agent_b.problems)


def defeated(scene):
    """Both ends know the connection by other numbers: neither the option nor a store could join them."""
    hosts = Hosts(scene, False, None, option=True)
    hosts.router.renumber()
    problems = []
    linked = sum(judge(name, hosts.load(count), problems, one_name=False) for name, count in (("first requests", 2 * IN_FLIGHT), ("renumbered", FEW)))
    hosts.agent_a.stop()
    hosts.agent_b.stop()
    check_edges(hosts, FEW + 2 * IN_FLIGHT, linked, problems)
    sent, read = contexts(hosts.agent_a), contexts(hosts.agent_b)
    print("contexts of A:", sent, "\ncontexts of B:", read)
    if linked or not LEAST_SHARE * FEW <= sent["written"] <= read["renumbered"]:
        problems.append("not each option that left is counted as renumbered, or something is linked")
    scene.fail_if(problems + hosts.agent_a.problems + hosts.agent_b.problems)


def run(scene, argument):
    if argument.endswith(("nat", "loss", "renumbered")) and not shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin"):
        raise Skip("no nft on this host", "nft")
    if argument == "renumbered":
        return defeated(scene)
    if argument.startswith("option"):
        return carried(scene, argument == "option-nat", LOST_PERCENT if argument == "option-loss" else 0)
    stores = {"routed": Redis, "full-nat": SecuredRedis, "cluster": RedisCluster, "alone": lambda _: None}
    redis = stores[argument](scene)
    hosts = Hosts(scene, argument == "full-nat", redis)
    problems, all_linked = [], []

    def phase(name, count):
        linked = judge(name, hosts.load(count), problems)
        all_linked.append((count, linked))
        return linked

    linked = phase("there" if redis else "without a store", REQUESTS)
    if redis:
        expect_most("there", linked, REQUESTS, problems)
    elif linked:
        problems.append(f"{linked} linked without a store")
    if argument == "routed":
        with redis.slow():
            phase("slow", FEW)
        redis.stop()
        if phase("away", FEW):
            problems.append("linked without a store")
        redis.start()
        wait_until(lambda: phase("back", IN_FLIGHT) == IN_FLIGHT, EXPORT_SECONDS, "links after the return")
    if argument == "cluster" and min(redis.keys()) == 0:
        problems.append(f"not every server of the cluster has keys: {redis.keys()}")
    hosts.agent_a.stop()
    hosts.agent_b.stop()
    b = check_edges(hosts, sum(count for count, _ in all_linked), sum(linked for _, linked in all_linked), problems)
    missing = {reason for reason, number in b["missing"].items() if number}
    if argument == "full-nat" and redis.password.read_text().strip() in hosts.agent_a.stderr() + hosts.agent_b.stderr():
        problems.append("the password is in the log")
    if argument == "routed" and "unreachable" not in missing:
        problems.append(f"nothing was counted as unreachable: {b}")
    if argument == "alone" and missing != {"no_store"}:
        problems.append(f"missing for another reason than no_store: {b}")
    scene.fail_if(problems + hosts.agent_a.problems + hosts.agent_b.problems)

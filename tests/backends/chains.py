"""Chains of 2 to 5 services, with every mix of those that have an SDK, those without one that drop the trace context (in Python, Go and
Java), and proxies that pass it on. All SDKs export through the gateway with --mend rewrite, and Jaeger is asked for every trace: each
request is one line of client and server spans, none of them twice, each under the one before it.

SUTURE_CHAIN_REQUESTS: how many requests of each chain, 3 if unset."""
import collections
import http.client
import itertools
import os
import random
from concurrent.futures import ThreadPoolExecutor

from runtimes import start_gap, start_nginx
from sdk_stage import HOST, SdkStage
from stories import CLIENT, SERVER, path_of

KINDS = ("sdk", "none", "proxy")
RUNTIMES = ("python", "go", "java")  # of those without an SDK
LENGTHS = range(2, 6)
REQUESTS = int(os.environ.get("SUTURE_CHAIN_REQUESTS", 3))
IN_FLIGHT = 8
WARM_UP = 20  # requests, one after the other, through all services without an SDK
PASS_ON = """
    location ~ ^/(?<name>[^/]+)/(?<next>[0-9]+)(?<rest>.*)$ { proxy_pass http://127.0.0.1:$next/$name$rest; }
    location / { return 200 "ok\\n"; }
"""


class Chain:
    """One request through services of these kinds. Each place of a chain has services of its own."""

    def __init__(self, name, kinds, services):
        ports = [services[kind, place].address[1] for place, kind in enumerate(kinds)]
        self.name, self.kinds, self.port = name, kinds, ports[0]
        self.paths = ["/".join(["", name, *map(str, ports[place + 1:])]) for place in range(len(kinds))]

    def send(self):
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        connection.request("GET", self.paths[0])
        answer = connection.getresponse()
        answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{self}: status {answer.status}")

    def span_count(self):
        """A client's and a server's for each hop, and one inside each service with an SDK."""
        return 2 * len(self.kinds) + self.kinds.count("sdk")

    def __str__(self):
        return f"{self.name} {' -> '.join(self.kinds)}"

    def problems(self, spans):
        """What is wrong with the spans of this request, as sentences."""
        if len({span["trace"] for span in spans}) != 1:
            return [f"{len({span['trace'] for span in spans})} traces"]
        by_id = {span["span"]: span for span in spans}
        if len(by_id) != len(spans):
            return ["a span is there twice"]
        problems, before = [], ""
        for kind, path in zip(self.kinds, self.paths, strict=True):
            clients, servers = ([span for span in spans if span["kind"] == side and path_of(span) == path] for side in (CLIENT, SERVER))
            if len(clients) != 1 or len(servers) != 1:
                return problems + [f"{len(clients)} client and {len(servers)} server spans of {path}"]
            parent = clients[0]["parent"]
            while parent in by_id and by_id[parent]["kind"] not in (CLIENT, SERVER):  # what an SDK has between the two
                parent = by_id[parent]["parent"]
            if parent != before:
                problems.append(f"the client span of {path} is under {parent or 'nothing'}, not {before or 'nothing'}")
            if servers[0]["parent"] != clients[0]["span"]:
                problems.append(f"the server span of {path} is under {servers[0]['parent'] or 'nothing'}, not its client's")
            if (servers[0]["scope"] != "suture") != (kind == "sdk"):
                problems.append(f"the server span of {path} is of {servers[0]['scope']}")
            before = servers[0]["span"]
        if len(spans) != self.span_count():
            problems.append(f"{len(spans)} spans, not {self.span_count()}")
        return problems


def chain_of(span):
    """The name in the span's path."""
    return (path_of(span) or span["name"].removeprefix("work on ")).strip("/").split("/")[0]


def start_services(scene, stage, endpoint):
    services = {}
    for place in range(max(LENGTHS)):
        services["sdk", place] = stage.serve("sdk_service.py", endpoint)
        services["none", place] = start_gap(scene, RUNTIMES[place % len(RUNTIMES)])
        services["proxy", place] = start_nginx(scene, host=HOST, locations=PASS_ON)
    return services


def judge(chains, spans):
    by_chain, members = collections.defaultdict(list), collections.defaultdict(set)
    for span in spans:
        by_chain[chain_of(span)].append(span)
        members[span["trace"]].add(chain_of(span))
    problems = {chain: [] for chain in chains}
    for chain in chains:
        mine = by_chain[chain.name]
        problems[chain] = chain.problems(mine)
        mixed = set().union(*(members[span["trace"]] for span in mine)) - {chain.name}
        if mixed:
            problems[chain].append(f"in one trace with {sorted(mixed)}")
    return {chain: found for chain, found in problems.items() if found}


def run(scene):
    stage = SdkStage(scene)
    services = start_services(scene, stage, stage.start_gateway("rewrite"))
    mixes = [mix for length in LENGTHS for mix in itertools.product(KINDS, repeat=length)]
    for _ in range(WARM_UP):  # what is exact in a process of Go is learned from its first requests
        Chain(scene.unique(), ["none"] * max(LENGTHS), services).send()
    chains = [Chain(scene.unique(), mix, services) for mix in mixes for _ in range(REQUESTS)]
    random.Random(1).shuffle(chains)
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        list(pool.map(Chain.send, chains))
    names, expected = {chain.name for chain in chains}, sum(chain.span_count() for chain in chains)
    spans = stage.spans(lambda found: sum(chain_of(span) in names for span in found) >= expected)
    bad = judge(chains, [span for span in spans if chain_of(span) in names])
    stage.agent.stop()
    print(f"chains: {len(mixes)} mixes of {', '.join(KINDS)} in {LENGTHS[0]} to {LENGTHS[-1]} services, {len(chains)} requests, {expected} spans: "
          f"{len(chains) - len(bad)} requests are one whole trace each; gateway: {stage.ledger()['gateway']}")
    scene.fail_if([f"{chain}: {'; '.join(found)}" for chain, found in bad.items()] + stage.agent.problems)

"""`suture propagation` names exactly the services that break traces, and says how: of a running agent and of its recording.

A system of twelve services in four runtimes. What each does with the context is in its command line; nothing else tells.
"""

import json
import secrets
import subprocess

from load import run_load
from nginx_config import WITHOUT_CONTEXT
from polling import Timeout, wait_until
from request import Request
from runtimes import start_nginx, start_relay, start_script, text_of
from scene import Failure

REQUESTS = 500   # to each entrance: Node's links are trusted from the 193rd response on, and 73 of them make a verdict
IN_FLIGHT = 4
TOLD_SECONDS = 30


class System:
    """Every service, and what is true of it: `broken` holds (service, peer, what it does there, how often); `fine` and `untold`,
    of which nobody can know, (service, peer)."""

    def __init__(self, scene):
        self.scene, self.entrances, self.broken, self.fine, self.untold = scene, [], set(), set(), set()
        ledger = start_script(scene, "service.py")
        warehouse = self.relay("node", "warehouse", restart=ledger)
        stock = self.relay("go", "stock", **{"pass": warehouse})
        prices = self.relay("go", "prices", drop=ledger)
        # One of its two client libraries is not instrumented.
        shop = self.relay("python", "shop", **{"pass": stock, "drop": prices})
        self.proxy(shop)
        self.proxy(ledger, WITHOUT_CONTEXT)
        self.entrances += [prices, self.relay("python", "mail", drop=ledger), self.relay("node", "cart", **{"pass": ledger}),
                           self.relay("node", "report", drop=ledger), self.relay("go", "search", **{"drop-old": ledger}),
                           start_relay(scene, "node", "timer", f"drop=http://{text_of(ledger.address)}", environment={"RANDOM_MS": "10"})]
        self.untold.add(("timer", text_of(ledger.address)))

    def relay(self, runtime, name, **calls):
        truths = {"pass": None, "drop": ("drops", "always"), "restart": ("restarts", "always"), "drop-old": ("drops", "sometimes")}
        for how, service in calls.items():
            self.expect(name, service, truths[how])
        return start_relay(self.scene, runtime, name, *(f"{how}=http://{text_of(service.address)}" for how, service in calls.items()))

    def proxy(self, upstream, locations=None):
        # A proxy names its upstream in Host as its configuration does.
        self.entrances.append(start_nginx(self.scene, upstream, locations=locations))
        self.expect("nginx", upstream, ("drops", "always") if locations else None)

    def expect(self, name, service, truth):
        peer = text_of(service.address)
        if truth:
            self.broken.add((name, peer, *truth))
        else:
            self.fine.add((name, peer))

    def peers(self):
        return {edge[:2] for edge in self.broken | self.fine}


def load(system):
    for service in system.entrances:
        requests = [Request(f"/{'old' if i % 2 else 'new'}/{i}", fields=(f"traceparent: 00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01",))
                    for i in range(REQUESTS)]
        run_load(service.address, requests, IN_FLIGHT)


def broken_in(findings):
    return {(f["service"], f["peer"], what, f[what]) for f in findings for what in ("drops", "restarts") if f[what] in ("sometimes", "always")}


def compare(title, system, report):
    findings = [f for f in report["findings"] if (f["service"], f["peer"]) in system.peers() | system.untold]
    said, right = broken_in(findings), broken_in(findings) & system.broken
    fine = {(f["service"], f["peer"]) for f in findings if f["drops"] == f["restarts"] == "never"}
    untold = {(f["service"], f["peer"]) for f in findings if f["drops"] == f["restarts"] == "untold"}
    print(f"{title}: precision {len(right) / max(len(said), 1):.3f} ({len(right)} of {len(said)}), recall {len(right) / len(system.broken):.3f} "
          f"({len(right)} of {len(system.broken)}), cleared {len(fine & system.fine)} of {len(system.fine)}, left untold {len(untold & system.untold)} of {len(system.untold)}")
    return [f"{title}: said and not true: {one}" for one in said - system.broken] + \
           [f"{title}: true and not said: {one}" for one in system.broken - said] + \
           [f"{title}: not cleared: {one}" for one in system.fine - fine] + \
           [f"{title}: told of what nobody can know: {one}" for one in system.untold - untold]


def run(scene, _):
    recording = scene.directory / "system.events"
    agent = scene.start_agent("--record", str(recording))
    system = System(scene)
    load(system)

    def asked(*words):
        code, said, why = agent.ask("propagation", *words)
        if code != 0:
            raise Failure(f"exit code {code}, {why!r}")
        return said

    def told():
        report = json.loads(asked("--json"))
        judged = {(f["service"], f["peer"]) for f in report["findings"] if "untold" not in (f["drops"], f["restarts"])}
        return report if judged >= system.peers() else None

    try:
        problems = compare("running", system, wait_until(told, TOLD_SECONDS, "a verdict on every service"))
    except Timeout as timeout:
        raise Failure(f"{timeout}:\n{asked()}") from None
    print(asked())
    agent.stop()
    replayed = subprocess.run([scene.binary, "propagation", recording, "--json"], capture_output=True, check=True)
    problems += compare("replayed", system, json.loads(replayed.stdout))
    scene.fail_if(problems + agent.problems)

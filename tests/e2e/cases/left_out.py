"""What is seen and by default not exported: telemetry on its way to a Collector, and health probes."""

from connection import Connection
from request import Request
from runtimes import start_odd
from truth import Hop

LEFT_OUT = (
    Request("/v1/traces", method="POST", body=b"\x0a\x00"),
    Request("/v1/metrics", method="POST", body=b"\x0a\x00"),
    Request("/v1/logs", method="POST", body=b"\x0a\x00"),
    Request("/healthz", fields=("User-Agent: kube-probe/1.31",)),
    Request("/ready", fields=("User-Agent: kube-probe/1.31",)),
    Request("/", fields=("User-Agent: ELB-HealthChecker/2.0",)),
)


def run(scene, _):
    odd = start_odd(scene)
    scene.start_agent()
    sent = []
    with Connection(odd.address) as connection:
        for request in LEFT_OUT:
            connection.exchange(request)
            sent.append(connection.exchange(Request(f"/r/{scene.unique()}")))
    paths = {end.path for end in sent}
    served = [end for end in odd.served(2 * len(sent)) if end.path in paths]
    scene.check([Hop("client -> odd", sent, served)])

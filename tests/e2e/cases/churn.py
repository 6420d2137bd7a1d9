"""A connection for each request: descriptors, ports and socket memory are used again and again."""

from load import run_load
from request import Request
from runtimes import start_backend, start_nginx
from truth import Hop

LANES = 16
REQUESTS = 800


def run(scene, _):
    python, nginx = start_backend(scene, "python"), start_nginx(scene)
    scene.start_agent()
    hops = []
    for service in (python, nginx):
        requests = [Request(f"/r/{scene.unique()}", fields=("Connection: close",)) for _ in range(REQUESTS)]
        sent = run_load(service.address, requests, LANES)
        hops.append(Hop(f"client -> {service.name}", sent, service.served(REQUESTS)))
    scene.check(hops)

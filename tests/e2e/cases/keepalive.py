"""Many requests over 64 keep-alive connections, to nginx alone or through nginx to one of the services."""

import os

from load import run_load
from request import Request
from runtimes import start_backend, start_nginx
from truth import Hop

CONNECTIONS = 64
REQUESTS = int(os.environ.get("SUTURE_E2E_REQUESTS", 2000))
ROUTES = {"nginx": ("/r/{}", "/r/{}", "/static/{}", "/r/{}", "/status/404/{}"),
          "services": ("/r/{}", "/r/{}", "/chunked/{}", "/r/{}", "/status/404/{}")}


def run(scene, argument):
    backend = None if argument == "nginx" else start_backend(scene, argument)
    nginx = start_nginx(scene, backend)
    routes = ROUTES["services" if backend else "nginx"]
    requests = [Request(routes[i % len(routes)].format(scene.unique())) for i in range(REQUESTS)]
    scene.start_agent()
    sent = run_load(nginx.address, requests, CONNECTIONS)
    hops = [Hop("client -> nginx", sent, nginx.served(REQUESTS))]
    if backend:
        hops.append(Hop(f"nginx -> {argument}", nginx.outgoing().served(REQUESTS), backend.served(REQUESTS)))
    scene.check(hops)

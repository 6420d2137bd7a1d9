"""Sixteen requests under way on each connection, in runs of bytes that know nothing of messages."""

from load import run_load
from request import AtRandom, Request, whole
from runtimes import start_nginx, start_odd
from truth import Hop

DEPTH = 16
CONNECTIONS = 8
REQUESTS = 1600
ROUTES = {"nginx": ("/r/{}", "/r/{}", "/status/404/{}", "/status/204/{}"),
          "odd": ("/r/{}", "/trailers/{}", "/disguised/{}", "/interim/{}", "/status/304/{}")}


def requests_for(scene, argument):
    routes = ROUTES[argument]
    requests = [Request(routes[i % len(routes)].format(scene.unique())) for i in range(REQUESTS)]
    if argument == "odd":
        # Uploads between the others, whose bodies must be stepped over. Not as a connection's first request: the kernel
        # knows a pipelining connection by a request that directly follows another (docs/decisions.md).
        late = slice(16 * CONNECTIONS, None, 7)
        requests[late] = [Request(f"/r/{scene.unique()}", method="POST", body=b"upload" * (i % 400), chunked=i % 2 == 0)
                         for i in range(len(requests[late]))]
    return requests


def run(scene, argument):
    service = start_nginx(scene) if argument == "nginx" else start_odd(scene)
    scene.start_agent()
    sent = []
    for cut in (whole, AtRandom()):
        sent += run_load(service.address, requests_for(scene, argument), CONNECTIONS, DEPTH, cut)
    scene.check([Hop(f"client -> {argument}", sent, service.served(len(sent)))])

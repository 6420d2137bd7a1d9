"""nginx in front of a service on a Unix socket: both ends of each request, joined, also those of connections that close."""

from load import run_load
from request import Request
from runtimes import start_backend, start_nginx
from scene import Failure
from truth import Hop

CONNECTIONS = 32
REQUESTS = 1000
ROUTES = ("/r/{}", "/chunked/{}", "/big/{}", "/status/404/{}", "/close/{}", "/status/204/{}")


def run(scene, _):
    service = start_backend(scene, "python", f"unix:{scene.directory}/service.sock")
    nginx = start_nginx(scene, service)
    requests = [Request(ROUTES[i % len(ROUTES)].format(scene.unique())) for i in range(REQUESTS)]
    scene.start_agent("--unix-sockets")
    sent = run_load(nginx.address, requests, CONNECTIONS)
    # A send on a Unix socket is stamped when it is done, whatever the mechanism; the peer may have read by then.
    hops = [Hop("client -> nginx", sent, nginx.served(REQUESTS)),
            Hop("nginx -> service", nginx.outgoing().served(REQUESTS), service.served(REQUESTS), ordered=False)]
    spans = scene.check(hops)
    over_unix = [span for span in spans if span.attributes.get("network.transport") == "unix" and scene.token in span.path]
    if len(over_unix) != 2 * REQUESTS:
        raise Failure(f"{len(over_unix)} spans over Unix sockets instead of {2 * REQUESTS}")

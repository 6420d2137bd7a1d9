"""The same over IPv6, with an IPv4 connection to an IPv6 socket among them."""

from load import run_load
from request import Request
from runtimes import start_backend, start_nginx
from truth import Hop

CONNECTIONS = 16
REQUESTS = 400


def run(scene, _):
    python = start_backend(scene, "python", host="::1")
    nginx = start_nginx(scene, python, host="::1")
    dual = start_backend(scene, "node", host="::ffff:127.0.0.1")  # IPv4 addresses within an IPv6 socket
    scene.start_agent()
    requests = lambda: [Request(f"/r/{scene.unique()}") for _ in range(REQUESTS)]
    sent = run_load(nginx.address, requests(), CONNECTIONS)
    sent_dual = run_load(("127.0.0.1", dual.address[1]), requests(), CONNECTIONS)
    scene.check([Hop("client -> nginx", sent, nginx.served(REQUESTS)),
                 Hop("nginx -> python", nginx.outgoing().served(REQUESTS), python.served(REQUESTS)),
                 Hop("client -> node, mapped address", sent_dual, dual.served(REQUESTS))])

"""Client and server in network namespaces of their own, with a router between: both ends are still joined."""

import shutil

from load import run_load
from namespace import Router
from request import Request
from runtimes import start_script
from scene import Skip
from truth import Hop

CONNECTIONS = 8
REQUESTS = 200


def run(scene, argument):
    """argument: `routed`; `dnat`: the client knows only a service address; `full-nat`: nor the server the client."""
    if argument != "routed" and not shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin"):
        raise Skip("no nft on this host", "nft")
    router = Router(scene)
    service = start_script(scene, "odd.py", Router.SERVER, prefix=router.inside("server"))
    address = service.address
    if argument != "routed":
        address = router.translate(service.address, hide_client=argument == "full-nat")
    scene.start_agent()
    requests = [Request(f"/r/{scene.unique()}") for _ in range(REQUESTS)]
    with router.entered("client"):
        sent = run_load(address, requests, CONNECTIONS)
    scene.check([Hop(f"client -> server, {argument}", sent, service.served(REQUESTS))])

"""Request heads that arrive in pieces: cut at every byte in turn, and byte by byte at one end or both."""

from load import run_load
from request import Request, TwoPieces, every_byte
from runtimes import start_backend, start_nginx, start_odd
from truth import Hop

CONNECTIONS = 8
HEAD_BYTES = 100  # more than the heads of this case have, so that each of their bytes is a cut once


def run(scene, _):
    byte_reader = start_odd(scene, read_size=1)
    services = [byte_reader, start_odd(scene), start_nginx(scene), start_backend(scene, "python")]
    scene.start_agent()
    hops = []
    for service in services:
        requests = lambda count: [Request(f"/r/{scene.unique()}") for _ in range(count)]
        sent = run_load(service.address, requests(HEAD_BYTES), connections=1, cut=TwoPieces())
        sent += run_load(service.address, requests(HEAD_BYTES), CONNECTIONS, cut=every_byte)
        hops.append(Hop(f"client -> {service.name}", sent, service.served(len(sent))))
    scene.check(hops)

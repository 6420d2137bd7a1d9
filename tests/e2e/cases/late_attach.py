"""Connections that were open before the agent: used before, never used, amid a download, a wait, a request's head."""

from connection import Connection
from request import Request
from runtimes import start_backend, start_nginx, start_odd
from truth import Hop

USED_BEFORE = 8
TURNS = 5
HALF = 10  # bytes: within the path


def run(scene, _):
    odd, nginx, python = start_odd(scene), start_nginx(scene), start_backend(scene, "python")
    services = (odd, nginx, python)
    connections = {service.name: [Connection(service.address) for _ in range(USED_BEFORE)] for service in services}
    unseen = {service.name: 0 for service in services}

    def before(service, connection):
        connection.exchange(Request(f"/r/{scene.unique()}"))
        unseen[service.name] += 1

    for service in services:
        for connection in connections[service.name][::2]:  # the others are open and have not said a word
            before(service, connection)

    # A small receive buffer keeps the server writing while the agent attaches.
    download = Connection(odd.address, receive_buffer=1 << 16)
    download.send(Request(f"/huge/{scene.unique()}"))
    download.receive()
    waiting = Connection(python.address)
    waiting.send(Request(f"/slow/1500/{scene.unique()}"))
    half = Connection(odd.address)
    half_head = half.prepare(Request(f"/r/{scene.unique()}"))
    half.socket.sendall(half_head[:HALF])

    scene.start_agent()
    # Requests that began before are of the past: no span may claim their answers, nor be made of half a head.
    half.socket.sendall(half_head[HALF:])
    for service, connection in ((odd, download), (python, waiting), (odd, half)):
        connection.read_response()
        unseen[service.name] += 1
        connections[service.name].append(connection)

    hops = []
    for service in services:
        sent = [connection.exchange(Request(f"/r/{scene.unique()}"))
                for _ in range(TURNS) for connection in connections[service.name]]
        paths = {end.path for end in sent}
        served = service.served(unseen[service.name] + len(sent))
        hops.append(Hop(f"client -> {service.name}", sent, [end for end in served if end.path in paths]))
    scene.check(hops)

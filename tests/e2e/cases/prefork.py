"""A message belongs to the process that reads it, whoever accepted the connection."""

from connection import Connection
from request import Request
from runtimes import start_script
from scene import Failure
from truth import Hop

CONNECTIONS = 12
TURNS = 6


def run(scene, argument):
    """argument: `inherited` (children accept on the parent's socket) or `passed` (connections change hands)."""
    service = start_script(scene, "handover.py", "127.0.0.1", argument)
    scene.start_agent()
    connections = [Connection(service.address) for _ in range(CONNECTIONS)]
    sent = [connection.exchange(Request(f"/r/{scene.unique()}")) for _ in range(TURNS) for connection in connections]
    served = service.served(len(sent))
    if len({end.pid for end in served}) < 2:
        raise Failure("only one process answered: this run proves nothing")
    scene.check([Hop(f"client -> {argument}", sent, served)])

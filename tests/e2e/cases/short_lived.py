"""Programs that make one request and are gone: their client spans bear the right names."""

import sys

from runtimes import find, start_odd
from scene import Failure
from truth import End, Hop

EACH = 20
END_SECONDS = 20
PYTHON = """
import socket, sys
s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
s.sendall(b"GET " + sys.argv[2].encode() + b" HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
while s.recv(4096): pass
"""


def run(scene, _):
    odd = start_odd(scene)
    port = str(odd.address[1])
    programs = {
        "curl": lambda path: [find("curl"), "-s", f"http://127.0.0.1:{port}{path}"],
        "python": lambda path: [sys.executable, "-I", "-S", "-c", PYTHON, port, path],
        "brief": lambda path: [scene.tool("brief"), port, path],
    }
    scene.start_agent()
    sent, names = [], {}
    for i in range(EACH):
        for name, command in programs.items():
            path = f"/r/{scene.unique()}"
            with open(scene.directory / "brief.out", "ab") as out:
                process = scene.spawn(command(path), stdout=out)
            if process.wait(END_SECONDS) != 0:
                raise Failure(f"{name} ended with {process.returncode}")
            sent.append(End(process.pid, "GET", path, 200))
            names[path] = name
    spans = scene.check([Hop("programs -> odd", sent, odd.served(len(sent)))])
    scene.fail_if([f"{span.service!r} should name {names[span.path]}: {span}" for span in spans
                   if span.kind == "client" and span.path in names and names[span.path] not in span.service])

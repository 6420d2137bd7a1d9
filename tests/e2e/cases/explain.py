"""`suture explain` says how a process's requests are linked, of one that is known, of all, and why not of others."""

import os

from connection import Connection
from polling import wait_until
from request import Request
from runtimes import start_backend, start_nginx
from scene import Failure

KNOWN_SECONDS = 30  # until the executable was looked at


def run(scene, _):
    backend = start_backend(scene, "python")
    nginx = start_nginx(scene, backend)
    agent = scene.start_agent()

    def said_of(*pid):
        code, said, why = agent.explain(*pid)
        if code != 0:
            raise Failure(f"exit code {code}, {why!r}")
        return said

    with Connection(nginx.address) as connection:
        def linked():
            connection.exchange(Request(f"/r/{scene.unique()}"))
            return [line.split()[0] for line in said_of().splitlines() if " nginx: " in line and ": 0 linked" not in line]

        wait_until(linked, KNOWN_SECONDS, "an nginx in the list whose requests are linked")
        worker = linked()[0]
        said = said_of(worker)
    for words in (f"nginx (pid {worker})", "rule thread, exact: this program is known", "in use; ", " responses agree", "  thread  "):
        if words not in said:
            raise Failure(f"{words!r} is not said:\n{said}")
    code, said, why = agent.explain(os.getppid())
    if (code, said) != (1, "") or "nothing is known of process" not in why:
        raise Failure(f"of a stranger: exit code {code}, {said!r}, {why!r}")
    agent.stop()
    code, _, why = agent.explain(worker)
    if code != 1 or "no agent listens" not in why:
        raise Failure(f"without an agent: exit code {code}, {why!r}")
    scene.fail_if(agent.problems)

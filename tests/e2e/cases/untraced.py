"""A service that speaks TLS alone is silent, and the agent says why while it runs."""

from cases.not_http import CONVERSATIONS, talk
from polling import wait_until
from runtimes import start_script

SAID_SECONDS = 30


def run(scene, _):
    echo = start_script(scene, "echo.py")
    agent = scene.start_agent()
    talk(echo.address, CONVERSATIONS["tls"])
    said = f"(pid {echo.pid}): 1 connections, all TLS: not traced yet"
    wait_until(lambda: said in agent.stderr(), SAID_SECONDS, f"{said!r} on standard error")
    scene.check([], pids={echo.pid})

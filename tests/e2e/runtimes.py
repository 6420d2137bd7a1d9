"""Starts the services under test, each with the runtime it needs, and reads their logs."""

import shutil
import socket
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from nginx_config import write_config
from polling import wait_until
from scene import Skip
from truth import read_log

SERVICES = Path(__file__).parent / "services"
START_SECONDS = 30  # a cold JVM on a busy host
LOG_SECONDS = 10
BACKENDS = ("python", "node", "go", "java")
UPSTREAM_STATUS = 4  # column of nginx's log


@dataclass
class Service:
    name: str
    address: tuple
    pid: int  # of the process we started; those that answer are in the log
    log: Path
    column: int = 3

    def served(self, count):
        """The truth of this end, once `count` requests have been logged."""
        wait_until(lambda: len(read_log(self.log, self.column)) >= count, LOG_SECONDS,
                   f"{count} lines in the log of {self.name}")
        return read_log(self.log, self.column)

    def outgoing(self):
        """nginx: the same log, as what it asked its upstream."""
        return replace(self, column=UPSTREAM_STATUS)


def find(program):
    path = shutil.which(program, path="/usr/sbin:/usr/local/sbin:") or shutil.which(program)
    if not path:
        raise Skip(f"no {program} on this host", program)
    return path


def start(scene, name, command, log, host, prefix=(), environment=None):
    """Starts what prints `port N` when it listens. The log exists from now on."""
    log.touch()
    output = scene.file(name + ".out")
    with open(output, "wb") as out:
        process = scene.spawn([*prefix, *command], environment, stdout=out, stderr=out)

    def port():
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with {process.returncode}: {output.read_text(errors='replace')}")
        lines = [line for line in output.read_text(errors="replace").split("\n")[:-1] if line.startswith("port ")]
        return lines[0].split()[1] if lines else None

    return Service(name, (host, int(wait_until(port, START_SECONDS, f"{name} to listen"))), process.pid, log)


def start_script(scene, script, host="127.0.0.1", *more, prefix=()):
    log = scene.file(script + ".log")
    return start(scene, script, [sys.executable, SERVICES / script, log, host, *more], log, host, prefix)


def start_relay(scene, runtime, name, *calls, host="127.0.0.1", environment=None, prefix=()):
    """A service called `name` that calls others for each request. `calls`: HOW=URL, see services/relay.py."""
    commands = {"python": lambda: [sys.executable, SERVICES / "relay.py"], "node": lambda: [find("node"), SERVICES / "relay.js"],
                "go": lambda: [scene.tool("relay-go", needs="go")]}
    log = scene.file(name + ".log")
    return start(scene, name, [*commands[runtime](), log, host, *calls], log, host, prefix, environment={"OTEL_SERVICE_NAME": name, **(environment or {})})


def start_gap(scene, runtime, *upstream, host="127.0.0.1"):
    """A service called `gap` that drops the trace context and asks port `upstream` for the same path, with a connection for each call. Without
    a port those in Python, Go and Java ask whom the path says, see services/onward.py."""
    if runtime == "nginx":
        return start_nginx(scene, host=host, locations=f'location / {{ proxy_pass http://{host}:{upstream[0]}; proxy_set_header traceparent ""; }}')
    commands = {"python": lambda: [sys.executable, SERVICES / "gap.py"], "node": lambda: [find("node"), SERVICES / "gap.js"],
                "go": lambda: [scene.tool("gap-go", needs="go")],
                "java": lambda: [find("java"), "-XX:TieredStopAtLevel=1", "-Dhttp.keepAlive=false", "-Dsun.net.httpserver.nodelay=true", "-cp",
                                 scene.tool("Gap.class", needs="java").parent, "Gap"]}
    log = scene.file("gap.log")
    return start(scene, "gap", [*commands[runtime](), log, host, *upstream], log, host, environment={"OTEL_SERVICE_NAME": "gap"})


def start_odd(scene, host="127.0.0.1", read_size=65536):
    return start_script(scene, "odd.py", host, read_size)


def start_backend(scene, runtime, host="127.0.0.1"):
    log = scene.file(runtime + ".log")
    if runtime == "python":
        return start_script(scene, "service.py", host)
    if runtime == "node":
        command = [find("node"), SERVICES / "service.js", log, host]
    elif runtime == "go":
        command = [scene.tool("service-go", needs="go"), log, host]
    elif runtime == "java":
        classes = scene.tool("Service.class", needs="java").parent
        command = [find("java"), "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-Dsun.net.httpserver.nodelay=true",
                   "-Dsun.net.httpserver.maxIdleConnections=1024", "-cp", classes, "Service", log, host]
    return start(scene, runtime, command, log, host)


def free_port(host):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def text_of(address):
    if address[0].startswith("unix:"):
        return address[0]
    return f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"


def listens(address):
    with socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET) as probe:
        return probe.connect_ex(address) == 0


def start_nginx(scene, upstream=None, host="127.0.0.1", locations=None):
    """nginx that answers by itself, or passes everything on to the service `upstream`; `locations`: see write_config()."""
    program = find("nginx")
    directory = scene.file("nginx")
    directory.mkdir()
    directory.chmod(0o755)
    log = scene.file("nginx.log")
    log.touch()
    address = (host, free_port(host))
    config = write_config(directory, log, text_of(address), upstream and text_of(upstream.address), locations)
    process = scene.spawn([program, "-e", directory / "nginx.err", "-p", directory, "-c", config])

    def up():
        if process.poll() is not None:
            raise RuntimeError("nginx ended: " + (directory / "nginx.err").read_text())
        return listens(address)

    wait_until(up, START_SECONDS, "nginx to listen")
    return Service("nginx", address, process.pid, log)


HAPROXY = """
global
  nbthread 1
defaults
  mode http
  timeout connect 10s
  timeout client 600s
  timeout server 600s
  option splice-request
  option splice-response
  http-reuse never
  option http-server-close
frontend in
  bind {host}:{port}
  default_backend behind
backend behind
  server only {upstream} maxconn 1024
"""


def start_haproxy(scene, installer, upstream, host="127.0.0.1"):
    """haproxy with splice, which opens a connection for each request that it passes on."""
    root = installer.debian("haproxy")
    address = (host, free_port(host))
    config, log = scene.file("haproxy.cfg"), scene.file("haproxy.log")
    config.write_text(HAPROXY.format(host=host, port=address[1], upstream=text_of(upstream.address)))
    with open(log, "wb") as out:
        process = scene.spawn([root / "usr/sbin/haproxy", "-db", "-f", config], {"LD_LIBRARY_PATH": str(root / "usr/lib/x86_64-linux-gnu")}, stdout=out, stderr=out)

    def up():
        if process.poll() is not None:
            raise RuntimeError("haproxy ended: " + log.read_text())
        return listens(address)

    wait_until(up, START_SECONDS, "haproxy to listen")
    return Service("haproxy", address, process.pid, log)

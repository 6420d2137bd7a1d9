"""Processes that a benchmark starts and ends, and what the kernel says they used."""

import json
import os
import re
import resource
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

READY_DEADLINE_S = 30.0
STOP_DEADLINE_S = 10.0


class SetupError(Exception):
    """Something the benchmark needs is missing; the text says what and how to mend it."""


def raise_file_limit():
    """10 000 connections need as many descriptors, at both ends."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def two_cpus():
    """The server's and the client's processor; the same one twice if there is only one."""
    cpus = sorted(os.sched_getaffinity(0))
    return cpus[0], cpus[min(1, len(cpus) - 1)]


def need(program):
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not path:
        raise SetupError(f"{program} is missing: apt-get install {program}")
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def cpu_ns(pid):
    """Time on a processor of all threads of a process that still live."""
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))


def rss_mb(pid):
    match = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.M)
    return int(match[1]) / 1024


class Background:
    """A process that says `ready` on stderr once it works, and ends at SIGTERM."""

    def __init__(self, argv, awaits_ready=True, variables=None):
        self.words = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=self.words, text=True, env={**os.environ, **(variables or {})})
        if awaits_ready:
            self._await_ready(argv)

    @property
    def pid(self):
        return self.process.pid

    def _said(self):
        self.words.seek(0)
        return self.words.read()

    def _await_ready(self, argv):
        deadline = time.monotonic() + READY_DEADLINE_S
        while "ready" not in self._said().split():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise SetupError(f"{' '.join(map(str, argv))}: not ready: {self._said().strip()[-800:]}")
            time.sleep(0.01)

    def stop(self):
        """Its standard output, once it has ended."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.communicate(timeout=STOP_DEADLINE_S)[0]
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.communicate()[0]


class Nginx:
    """nginx with one worker on one processor that answers every request with a small body."""

    def __init__(self, directory, cpu=None):
        self.port = free_port()
        self.directory = Path(directory)
        self.directory.mkdir(parents=True)
        affinity = f"worker_cpu_affinity {1 << cpu:b};" if cpu is not None else ""
        temporary = " ".join(f"{kind}_temp_path {self.directory}/{kind};"
                             for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.directory / "nginx.conf").write_text(f"""
            daemon off; worker_processes 1; {affinity} worker_rlimit_nofile 30000;
            pid {self.directory}/pid; error_log stderr crit;
            events {{ worker_connections 20000; }}
            http {{
              access_log off; keepalive_requests 1000000000; keepalive_timeout 600; default_type text/plain;
              client_max_body_size 0; {temporary}
              server {{ listen 127.0.0.1:{self.port} backlog=4096;
                        location / {{ return 200 "thirty-four bytes of a small body\\n"; }}
                        location /v1/ {{ default_type application/x-protobuf; return 200 ""; }} }}
            }}""")
        self.background = Background([need("nginx"), "-e", "stderr", "-p", self.directory, "-c",
                                      self.directory / "nginx.conf"], awaits_ready=False)
        self.worker = self._await_worker()

    def _await_worker(self):
        children = Path(f"/proc/{self.background.pid}/task/{self.background.pid}/children")
        deadline = time.monotonic() + READY_DEADLINE_S
        while time.monotonic() < deadline and self.background.process.poll() is None:
            workers = children.read_text().split()
            if workers and listens(self.port):
                return int(workers[0])
            time.sleep(0.01)
        raise SetupError("nginx does not start: " + self.background._said())

    def stop(self):
        self.background.stop()


class Collector:
    """A real OpenTelemetry Collector as the intake of spans, as `make test-backends` has built it."""

    BINARY = Path(os.environ.get("SUTURE_CACHE") or Path.home() / ".cache" / "suture-backends") / "bin" / "otelcol"

    def __init__(self):
        self.port = free_port()
        self.background = Background([self.BINARY, "--config", Path(__file__).parent / "collector.yaml"], awaits_ready=False,
                                     variables={"OTLP_PORT": str(self.port)})
        deadline = time.monotonic() + READY_DEADLINE_S
        while not listens(self.port):
            if self.background.process.poll() is not None or time.monotonic() > deadline:
                self.close()
                raise SetupError("the Collector does not start: " + self.background._said())
            time.sleep(0.01)

    @classmethod
    def is_there(cls):
        return cls.BINARY.exists()

    def close(self):
        self.background.stop()


def programs_of(pid):
    """Ids of the BPF programs that a process holds, itself or through links."""
    ids = set()
    for info in Path(f"/proc/{pid}/fdinfo").iterdir():
        try:
            ids.update(re.findall(r"^prog_id:\s+(\d+)", info.read_text(), re.M))
        except OSError:  # closed meanwhile
            pass
    return ids


class ProgramStats:
    """The kernel's run-time statistics of BPF programs, on while this lives."""

    def __init__(self, tool):
        self.process = subprocess.Popen([str(tool)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def read(self, pid):
        """(runs, nanoseconds) of the programs that a process holds, added up."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        programs = json.loads(self.process.stdout.readline())
        held = [programs[program] for program in programs_of(pid) if program in programs]
        return sum(runs for _, runs, _ in held), sum(ns for _, _, ns in held)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def run_wrk(port, seconds, cpu, connections=32):
    """(requests, requests per second). One thread; a browser-like head with trace context, about 250 bytes. Not sampled, or
    both ends' spans would be taken for those of an SDK."""
    headers = ["Accept: */*", "User-Agent: bench/1.0 (x86_64)", "Accept-Encoding: gzip, deflate, br",
               "traceparent: 00-4f1d6a0c2b7e9d8355aa01c4be92f706-71c2d9e4a3b80f65-00"]
    argv = ["taskset", "-c", cpu, need("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s"]
    for header in headers:
        argv += ["-H", header]
    out = subprocess.run([str(a) for a in argv + [f"http://127.0.0.1:{port}/items/12345?page=2"]],
                         capture_output=True, text=True, check=True).stdout
    requests = re.search(r"(\d+) requests in", out)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    return int(requests[1]), float(rate[1])


def run_load(tool, port, connections, rate, seconds, requests=0, cpu=None):
    """What bench_load prints."""
    argv = ["taskset", "-c", cpu] if cpu is not None else []
    argv += [tool, port, connections, rate, seconds, requests]
    out = subprocess.run([str(a) for a in argv], capture_output=True, text=True)
    if out.returncode:
        raise SetupError(out.stderr.strip())
    return json.loads(out.stdout)

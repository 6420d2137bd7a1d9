"""Scene: one test case on its stage: its directory, its programs, its agent. Ends all of them, by pid."""

import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from compare import compare
from suture import Agent, clean_environment

STOP_SECONDS = 10
PROBLEMS_SHOWN = 10


class Skip(Exception):
    """This host cannot run the case. `needs`: the name tests/required.txt would know it by."""

    def __init__(self, reason, needs=""):
        super().__init__(reason)
        self.needs = needs


class Failure(Exception):
    pass


class Scene:
    def __init__(self, binary, hooks, build):
        self.binary, self.hooks, self.build = binary, hooks, Path(build)
        self.token = secrets.token_hex(4)  # in every path, so that other traffic of the host is told apart
        self.directory = Path(tempfile.mkdtemp(prefix="suture-e2e-"))
        self.agent = None
        self.agents = []
        self.processes = []
        self.cleanups = []
        self.serial = 0

    def unique(self):
        """A path segment no other request has."""
        self.serial += 1
        return f"{self.token}-{self.serial}"

    def file(self, name):
        self.serial += 1
        return self.directory / f"{self.serial}-{name}"

    def tool(self, name, needs=""):
        """A program the build has made, e.g. the Go service."""
        path = self.build / name
        if not path.exists():
            raise Skip(f"{path} was not built", needs)
        return path

    def spawn(self, command, environment=None, **options):
        """`environment`: what the program gets besides ours."""
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                   env={**clean_environment(), **(environment or {})}, **options)
        self.processes.append(process)
        return process

    def start_agent(self, *extra, wait_ready=True, variables=None, host=""):
        """The last one started is ended by check(), all by close(). Several at a time need a name each, `host`."""
        directory = self.directory / host
        directory.mkdir(exist_ok=True)
        self.agent = Agent(self.binary, self.hooks, directory, extra, wait_ready, variables)
        self.agents.append(self.agent)
        return self.agent

    def check(self, hops, pids=()):
        """Stops the agent and compares all it said with the truth."""
        spans = self.agent.stop()
        # sock-length and sys-exit stamp a send when the call is over; the peer may have read by then.
        ordered = self.hooks in ("auto", "sendmsg-locked", "fentry")
        problems = compare(spans, hops, self.token, pids, ordered) + self.agent.problems
        ends = sum(len(hop.client) + len(hop.server) for hop in hops)
        print(f"{ends} ends of requests on {len(hops)} hops, {len(problems)} problems")
        self.fail_if(problems)
        return spans

    def fail_if(self, problems):
        if problems:
            (self.directory / "problems").write_text("\n".join(problems) + "\n")
            shown = "\n".join(problems[:PROBLEMS_SHOWN])
            raise Failure(f"{len(problems)} problems, all in {self.directory / 'problems'}, the first:\n{shown}")

    def close(self, keep):
        for agent in self.agents:
            agent.kill()
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for cleanup in reversed(self.cleanups):
            cleanup()
        if keep:
            print("kept:", self.directory)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)

"""Agent: one run of the agent under test, from `ready` to its end."""

import os
import signal
import subprocess

from ledger import check_ledger
from polling import Timeout, wait_until
from span import read_spans

READY_SECONDS = 120  # a cold host under load verifies a dozen BPF programs meanwhile
STOP_SECONDS = 2    # the promise: SIGTERM ends the agent within 2 s with everything flushed
KILL_SECONDS = 10


def clean_environment():
    """Ours without what would configure the agent from outside."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "SUTURE_"))}


class Agent:
    """Starts in the constructor, and is attached when that returns unless `wait_ready` is false. The owner calls stop()
    or kill()."""

    def __init__(self, binary, hooks, directory, extra=(), wait_ready=True, variables=None):
        self.spans_path = directory / "spans.jsonl"
        self.ledger_path = directory / "ledger.json"
        self.stderr_path = directory / "agent.stderr"
        self.problems = []
        for stale in (self.spans_path, self.ledger_path):  # of an agent before this one in the same case
            stale.unlink(missing_ok=True)
        # No budget, and room for a whole case: every request is to be seen, however long the machine lets the agent wait.
        # A port of its own, or none: several agents may run on this host.
        ui = () if "--ui" in extra else ("--ui=off",)
        self.binary, self.control_path = binary, directory / "control.sock"
        command = [str(binary), "run", f"--hooks={hooks}", f"--control={self.control_path}", "--cpu-budget=100", "--ring-size=16MiB", "--otlp-file", str(self.spans_path),
                   "--ledger", str(self.ledger_path), *ui, *extra]
        with open(self.stderr_path, "wb") as stderr, open(directory / "agent.stdout", "wb") as stdout:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
                                            env=clean_environment() | (variables or {}))
        self.pid = self.process.pid
        if wait_ready:
            self.wait_ready()

    def wait_ready(self):
        try:
            wait_until(self.is_ready, READY_SECONDS, "the agent's `ready`")
        except BaseException:
            self.kill()
            print(self.stderr())
            raise

    def stderr(self):
        return self.stderr_path.read_text(errors="replace")

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the agent ended with {self.process.returncode}:\n{self.stderr()}")
        return "ready" in self.stderr().split("\n")[:-1]

    def spans(self):
        return read_spans(self.spans_path)

    def ask(self, command, *words):
        """(exit code, standard output, standard error) of a command that asks the agent."""
        asked = subprocess.run([self.binary, command, "--control", self.control_path, *map(str, words)], capture_output=True,
                               text=True, timeout=STOP_SECONDS + KILL_SECONDS, env=clean_environment(), check=False)
        return asked.returncode, asked.stdout, asked.stderr

    def explain(self, *pid):
        return self.ask("explain", *pid)

    def stop(self):
        """Ends the agent politely and returns its spans; what was wrong with its end is in `problems`."""
        if self.process.poll() is not None:
            self.problems.append(f"the agent had ended by itself with {self.process.returncode}")
        self.process.send_signal(signal.SIGTERM)
        try:
            wait_until(lambda: self.process.poll() is not None, STOP_SECONDS, "the agent's end after SIGTERM")
        except Timeout as timeout:
            self.problems.append(str(timeout))
            self.kill()
        if self.process.returncode != 0:
            self.problems.append(f"the agent's exit code is {self.process.returncode}")
        spans = self.spans()
        if self.ledger_path.exists():
            self.problems.extend(check_ledger(self.ledger_path, len(spans)))
        else:
            self.problems.append("the agent wrote no ledger")
        if self.problems:
            print("the agent's words:\n" + self.stderr()[-4000:])
        return spans

    def kill(self):
        """SIGKILL: nothing is flushed, the kernel alone cleans up."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(KILL_SECONDS)

"""What may be attached while something is measured: nothing, empty programs, the classic probe, or the agent.

Each has a name, start(server_pid), which watches that process only or, without it, all, and stop()."""

import json
import tempfile
from pathlib import Path

from processes import Background

# The hooks of each of the agent's socket-io mechanisms, for the empty programs that show what the hooks alone cost.
HOOKS = {
    "sendmsg-locked": ["tcp_sendmsg_locked", "sock_send_length", "sock_recv_length", "inet_sock_set_state"],
    "sock-length": ["sock_send_length", "sock_recv_length", "inet_sock_set_state"],
    "sys-exit": ["sys_exit", "inet_sock_set_state"],
}


class Nothing:
    name = "base"

    def start(self, server_pid=None):
        pass

    def stop(self):
        return {}


class Attached:
    """What the others share: a process that runs while something is measured."""

    background = None

    @property
    def pid(self):
        return self.background.pid


class Empty(Attached):
    def __init__(self, tool, mechanism):
        self.name, self.tool, self.hooks = f"empty {mechanism}", tool, HOOKS[mechanism]

    def start(self, server_pid=None):
        self.background = Background([self.tool, *self.hooks])

    def stop(self):
        self.background.stop()
        return {}


class Classic(Attached):
    """`variant`: a flag of bench_classic."""

    def __init__(self, tool, variant=None):
        self.name = f"classic {variant}" if variant else "classic"
        self.argv = [tool] + ([variant] if variant else [])

    def start(self, server_pid=None):
        scope = ["--pid", server_pid] if server_pid else ["--all"]
        self.background = Background(self.argv + scope)

    def stop(self):
        return json.loads(self.background.stop())


class Capture(Attached):
    """Our programs with a bare reader, as `Classic` has one."""

    def __init__(self, tool, mechanism):
        self.name, self.mechanism = f"capture {mechanism}", mechanism
        self.argv = [tool, f"--hooks={mechanism}"]

    def start(self, server_pid=None):
        self.background = Background(self.argv + ["--pid", server_pid])

    def stop(self):
        return json.loads(self.background.stop())


class Agent(Attached):
    """`suture run`. Spans go to `destination`, which is flags of suture."""

    def __init__(self, binary, mechanism, destination):
        self.name = f"suture {mechanism}"
        self.mechanism = mechanism
        # All that the load makes, though it says that it is not sampled (run_wrk).
        self.argv = ["env", "OTEL_TRACES_SAMPLER=always_on", binary, "run", f"--hooks={mechanism}", "--console=never", "--max-spans-per-second=0",
                     *destination]

    def start(self, server_pid=None):
        self.directory = tempfile.TemporaryDirectory(prefix="suture-bench-")
        self.ledger = Path(self.directory.name) / "ledger.json"
        scope = ["--include-pid", server_pid] if server_pid else []
        self.background = Background(self.argv + ["--ledger", self.ledger] + scope)

    def stop(self):
        """The ledger: what was seen, made and lost."""
        self.background.stop()
        with self.directory:
            return json.loads(self.ledger.read_text())


def events_lost(ledger):
    """(lost, seen) of a ledger."""
    events = ledger["events"]
    return sum(events["dropped"].values()), events["seen"]

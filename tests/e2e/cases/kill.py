"""SIGKILL at every stage of the agent's life: the kernel keeps nothing of it, and the service notices nothing."""

from bpf_objects import BpfObjects
from connection import Connection
from polling import Timeout, wait_until
from request import Request
from runtimes import start_backend
from scene import Failure

GONE_SECONDS = 2     # after this nothing of ours may be left
ATTACH_SECONDS = 30
STAGES = (1, 5, 10, 15, 20)  # BPF objects the agent holds when it is killed; more than it ever holds: when it is ready


def run(scene, _):
    python = start_backend(scene, "python")
    connection = Connection(python.address)
    exchanges = 0
    for stage in (*STAGES, None, None):
        objects = BpfObjects()
        agent = scene.start_agent(wait_ready=False)
        # A stage that the agent never reaches ends at `ready`.
        reached = lambda: objects.observe(agent.pid) >= stage if stage else False
        wait_until(lambda: reached() or agent.is_ready(), ATTACH_SECONDS, "the agent to attach")
        end = connection.exchange(Request(f"/r/{scene.unique()}"))
        held = objects.observe(agent.pid)
        agent.kill()
        if stage is None and held == 0:
            raise Failure("a ready agent holds no BPF object: this run proves nothing")
        try:
            wait_until(lambda: not objects.left(), GONE_SECONDS, "the kernel to let go")
        except Timeout:
            raise Failure(f"killed at stage {stage or 'ready'}, still there: {objects.left()}")
        if end.status != 200 or connection.exchange(Request(f"/r/{scene.unique()}")).status != 200:
            raise Failure(f"the service noticed the kill at stage {stage or 'ready'}: {end}")
        exchanges += 2
        print(f"killed with {held} BPF objects: gone")
    python.served(exchanges)

"""Bytes are what they are without the agent, while it is killed and restarted under the traffic.

Random messages go through an echo service, HTTP on some connections and binary on others. Both ends hash both
directions; the first SUTURE_E2E_MESSAGES of a run without agent and of one with it must give the same digests. The
second run goes on until the agent has been killed SUTURE_E2E_KILLS times.
"""

import os
import threading

from bpf_objects import BpfObjects
from digests import Talker
from polling import Timeout, wait_until
from runtimes import start_script
from scene import Failure

MESSAGES = int(os.environ.get("SUTURE_E2E_MESSAGES", 20_000))
KILLS = int(os.environ.get("SUTURE_E2E_KILLS", 5))
CONNECTIONS = 4
LIFE_MESSAGES = 400  # pass under each agent before it is killed
LIFE_SECONDS = 60
RUN_SECONDS = 3600
GONE_SECONDS = 2


class Traffic:
    """All connections at once, a thread each."""

    def __init__(self, scene):
        self.service = start_script(scene, "digest.py", "127.0.0.1", MESSAGES // CONNECTIONS)
        self.talkers = [Talker(self.service.address, seed, MESSAGES // CONNECTIONS, speaks_http=seed % 2 == 0)
                        for seed in range(CONNECTIONS)]
        self.threads = [threading.Thread(target=talker.run, daemon=True) for talker in self.talkers]
        for thread in self.threads:
            thread.start()

    def count(self):
        for talker in self.talkers:
            if talker.failure:
                raise Failure(f"the traffic noticed: {talker.failure}")
        return sum(talker.count for talker in self.talkers)

    def finish(self):
        """Lets each connection finish its message and its share; returns the digests of the share, in order."""
        for talker in self.talkers:
            talker.stop = True
        wait_until(lambda: not any(thread.is_alive() for thread in self.threads), RUN_SECONDS, "the messages")
        total = self.count()
        logged = lambda: [line.split() for line in self.service.log.read_text().split("\n")[:-1]]
        wait_until(lambda: len(logged()) >= 2 * CONNECTIONS, GONE_SECONDS * 10, "the service's digests")
        theirs = {(words[0], int(words[1])): tuple(words[2:]) for words in logged()}
        for talker in self.talkers:
            for what, digests in (("share", talker.share), ("all", talker.all)):
                if theirs.get((what, talker.port)) != digests:
                    raise Failure(f"{what} of connection {talker.port}: client {digests}, "
                                  f"service {theirs.get((what, talker.port))}")
        return total, [talker.share for talker in self.talkers]


def one_life(scene, traffic):
    objects = BpfObjects()
    agent = scene.start_agent()
    objects.observe(agent.pid)
    goal = traffic.count() + LIFE_MESSAGES
    wait_until(lambda: traffic.count() >= goal, LIFE_SECONDS, "messages under the agent")
    wait_until(lambda: b"/m/" in agent.spans_path.read_bytes(), LIFE_SECONDS, "a span: the traffic must be observed")
    agent.kill()
    try:
        wait_until(lambda: not objects.left(), GONE_SECONDS, "the kernel to let go")
    except Timeout:
        raise Failure(f"{GONE_SECONDS} s after the kill: {objects.left()}")


def run(scene, _):
    absent_total, absent = Traffic(scene).finish()
    traffic = Traffic(scene)
    for _ in range(KILLS):
        one_life(scene, traffic)
    present_total, present = traffic.finish()
    for number, (without, under) in enumerate(zip(absent, present)):
        print(f"connection {number}: sent {under[1][:16]} received {under[2][:16]}, "
              f"{'the same' if without == under else 'NOT the same'} without the agent")
    print(f"{absent_total} messages without the agent, {present_total} under {KILLS} agents that were killed")
    if absent != present:
        raise Failure(f"digests differ:\nwithout {absent}\nunder   {present}")

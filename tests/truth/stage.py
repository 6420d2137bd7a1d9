"""perform(): one cell from the service's start to its score. perform_again(): the same from its recording."""

import json
import lzma
import os
import signal
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from urllib.request import urlopen

from cells import COLD_REQUESTS, DOWNSTREAM_MS, THINK_MS, parse
from judge import Score, judge
from polling import wait_until
from runtimes import free_port, listens
from scene import Scene
from services import CALLS, RUNTIMES
from span import read_spans

START_SECONDS = 30  # a cold JVM on a busy host
LOAD_SECONDS = 300
STOP_SECONDS = 10
RECORDING = ".events"
PACKED = ".xz"
NO_LOSS = ("upgraded", "unended")  # requests that have become something else, or wait for their answers still


@dataclass
class Outcome:
    cell: object
    score: Score
    notes: list


@dataclass
class Place:
    """Where a cell's traffic was: what the judge has to know besides the spans."""

    cell: object
    port: int
    downstream_ports: list
    downstream_pid: int

    def score(self, spans):
        runtime = RUNTIMES[self.cell.runtime]
        spans = [span for span in spans if span.pid != self.downstream_pid]
        if runtime.behind:  # what serves speaks FastCGI; the web server in front of it has the same port and paths
            spans = [span for span in spans if span.kind != "server" or span.attributes.get("network.protocol.name") == "fastcgi"]
        return judge(spans, self.port, self.downstream_ports, runtime.factors, COLD_REQUESTS)

    def record_options(self, folder):
        """For the agent to keep the raw events in `folder`, if any. This place is kept beside them."""
        if not folder:
            return []
        folder.mkdir(parents=True, exist_ok=True)
        recording = folder / (str(self.cell).replace("/", ".") + RECORDING)
        recording.unlink(missing_ok=True)
        recording.with_suffix(".json").write_text(json.dumps({**vars(self), "cell": str(self.cell)}))
        return ["--record", str(recording)]

    @staticmethod
    def read(recording):
        place = json.loads(recording.with_name(recording.name.removesuffix(PACKED)).with_suffix(".json").read_text())
        return Place(**{**place, "cell": parse(place["cell"])})


@contextmanager
def stage(options):
    """A scene that is cleared whatever happens, and kept if wanted."""
    scene = Scene(options.suture, options.hooks, options.build)
    try:
        yield scene
    finally:
        scene.close(keep=options.keep)


class Downstream:
    def __init__(self, scene):
        self.output = scene.directory / "downstream.out"
        with open(self.output, "wb") as out:
            self.process = scene.spawn([scene.tool("truth_downstream"), CALLS, *DOWNSTREAM_MS], stdout=out)
        self.ports = wait_until(lambda: self.numbers("port", CALLS), START_SECONDS, "the downstream to listen")

    def numbers(self, word, count):
        found = [int(line.split()[1]) for line in self.output.read_text().split("\n")[:-1] if line.startswith(word)]
        return found if len(found) == count else None

    def served(self):
        """Ends it."""
        end(self.process)
        return self.numbers("served", 1)[0]


def end(process):
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_group(leader):
    """Workers that outlive the process that started them: those of PHP's web server do."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass


def environment_of(cell, port, downstream):
    shape = cell.shape
    return {"PORT": str(port), "NEXT": ",".join(f"http://127.0.0.1:{port}" for port in downstream.ports),
            "WORK_MS": str(cell.work_ms), "HARD": str(int(shape.hard)), "BACKGROUND": str(int(shape.background)),
            "PYTHONDONTWRITEBYTECODE": "1", **RUNTIMES[cell.runtime].environment}


def answers(port):
    try:
        return urlopen(f"http://127.0.0.1:{port}/none/1").status == 200
    except OSError:
        return False


def start_service(scene, cell, installer, downstream):
    runtime = RUNTIMES[cell.runtime]
    port = free_port("127.0.0.1")
    output = scene.directory / "service.out"

    def spawn(prepare):
        environment = environment_of(cell, port, downstream)
        command = prepare(installer, scene.directory, environment)
        with open(output, "ab") as out:
            process = scene.spawn(command, environment, stdout=out, stderr=out, start_new_session=True)
        scene.cleanups.append(partial(end_group, process.pid))
        return process

    if runtime.behind:
        spawn(runtime.behind)
    process = spawn(runtime.command)

    def up():
        if process.poll() is not None:
            raise RuntimeError(f"{cell.runtime} ended with {process.returncode}: {output.read_text(errors='replace')}")
        # Where two programs start, one may listen before the other; elsewhere the first request is the load's.
        return answers(port) if runtime.behind else listens(("127.0.0.1", port))

    wait_until(up, START_SECONDS, f"{cell.runtime} to listen")
    return process, port


def run_load(scene, cell, port, requests):
    command = [scene.tool("truth_load"), port, cell.in_flight, requests, THINK_MS, cell.shape.routes]
    printed = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=LOAD_SECONDS,
                             check=True).stdout.split()
    return int(printed[1]), int(printed[3])


def losses(ledger):
    """What the agent's own ledger says was lost, of all the host's traffic. Dropped spans are choices (probes, exclusions)."""
    events = ledger["events"]
    parts = {"events": {**events["dropped"], **events["lost"]}, "requests": ledger["requests"]["dropped"],
             **{f"spans at {name}": delivery["dropped"] for name, delivery in ledger["deliveries"].items()}}
    return [f"lost {count} {part}: {reason}" for part, dropped in parts.items()
            for reason, count in dropped.items() if count and reason not in NO_LOSS]


def ledger_of(agent):
    if agent.ledger_path.exists():
        return losses(json.loads(agent.ledger_path.read_text()))
    return ["no ledger"]


def gaps(cell, score, ok, failed, served):
    """What the spans lack of what client and downstream counted."""
    if failed:
        yield f"{failed} requests failed"
    if score.requests != ok:
        yield f"{score.requests} server spans of {ok} requests"
    if cell.shape.background:  # the service's own calls began before the agent did
        missing = round(ok * cell.shape.calls) - score.all.links - score.unknown
    else:
        missing = served - score.calls
    if missing:
        yield f"{missing} calls without a span"
    if score.unknown:
        yield f"{score.unknown} calls whose cause has no span"


def perform(cell, links, installer, options):
    runtime = RUNTIMES[cell.runtime]
    with stage(options) as scene:
        downstream = Downstream(scene)
        service, port = start_service(scene, cell, installer, downstream)
        place = Place(cell, port, downstream.ports, downstream.process.pid)
        agent = scene.start_agent(*place.record_options(options.record), *runtime.agent, *options.agent_option)
        started = time.monotonic()
        ok, failed = run_load(scene, cell, port, cell.requests(links, runtime.processes))
        seconds = time.monotonic() - started
        end(service)  # before the downstream, which the timer of a service may call to the end
        served = downstream.served()
        score = place.score(agent.stop())
        notes = [f"{ok / seconds:.0f}/s", *ledger_of(agent), *agent.problems, *gaps(cell, score, ok, failed, served)]
        return Outcome(cell, score, notes)


def perform_again(recording, options):
    """A cell from its recording, twice: the same events, linked by the agent of today."""
    place = Place.read(recording)
    with stage(options) as scene:
        if recording.suffix == PACKED:
            events = scene.file("recorded" + RECORDING)
            events.write_bytes(lzma.decompress(recording.read_bytes()))
        else:
            events = recording
        spans, again = scene.file("spans.jsonl"), scene.file("again.jsonl")
        for file in spans, again:
            subprocess.run([str(word) for word in (options.suture, "replay", events, "--otlp-file", file, "--quiet")], check=True)
        if spans.read_bytes() != again.read_bytes():
            raise RuntimeError("two replays of one recording differ")
        return Outcome(place.cell, place.score(read_spans(spans)), ["replayed"])

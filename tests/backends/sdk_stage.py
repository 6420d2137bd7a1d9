"""The stage on which services with an SDK play, with and without the gateway between them and Jaeger."""
import contextlib
import json
import pathlib
import sys

from backends import Collector, Jaeger, on_stage
from polling import Timeout, wait_until
from records import logs_in, spans_in
from runtimes import SERVICES, free_port, start
from stories import PACKAGES

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "truth"))
from install import Installer  # noqa: E402

HOST = "127.0.0.1"
EXPORT_S = 60  # SDKs export every 5 s, and the gateway keeps what it may have to change for 7 s


class SdkStage:
    """Spans go to Jaeger and to a Collector, and the Collector keeps the log records."""

    def __init__(self, scene):
        self.scene = scene
        self.python = Installer(scene.build).python(*PACKAGES)
        self.jaeger, self.collector = on_stage(scene, Jaeger), on_stage(scene, Collector)
        self.agent = None
        self.to_backends = [word for url in (self.jaeger.url("OTLP_PORT"), self.collector.url("OTLP_PORT")) for word in ("--otlp", url)]

    def start_agent(self, *options):
        self.agent = self.scene.start_agent(*self.to_backends, *options)
        self.scene.fail_if([self.agent.stderr()] if "is off" in self.agent.stderr() else [])

    def start_gateway(self, mend):
        """Returns the SDKs' endpoint."""
        address = f"{HOST}:{free_port(HOST)}"
        self.start_agent("--otlp-listen", address, "--mend", mend)
        return "http://" + address

    def serve(self, script, *more):
        log = self.scene.file(script + ".log")
        return start(self.scene, script, [self.python, SERVICES / script, log, HOST, *more], log, HOST)

    def ledger(self):
        return json.loads(self.agent.ledger_path.read_text() or "{}")

    def logs(self):
        return list(logs_in(self.collector.data / "logs.jsonl"))

    def spans(self, wanted):
        """All that Jaeger has, once these are `wanted(spans)`; else what it has in the end."""
        found = []

        def complete():
            nonlocal found
            found = spans_in(self.jaeger)
            return wanted(found)

        with contextlib.suppress(Timeout):
            wait_until(complete, EXPORT_S, "")
        return found

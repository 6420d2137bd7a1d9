"""The backends: how each is run, what --to it is, how its own query API is asked, and in what its answer may differ from
what was sent. One that keeps everything has no view of its own."""
import functools
import http
import json
import os
import pathlib
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from polling import wait_until
from services import free_port
from spans import spans_of, spans_of_lines

HERE = pathlib.Path(__file__).resolve().parent
CACHE = pathlib.Path(os.environ.get("SUTURE_CACHE") or pathlib.Path.home() / ".cache" / "suture-backends")
START_S = 240  # Zipkin's JVM, cold, on a machine that does much else
STOP_S = 20
ANSWER_S = 60  # all that Jaeger has, in one answer
PORTS = ("OTLP_PORT", "GRPC_PORT", "QUERY_PORT", "SPARE_PORT", "HEALTH_PORT")


def get(url):
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=ANSWER_S) as answer:
        return answer.read()


def answers(url):
    try:
        get(url)
    except OSError:
        return False
    return True


class Backend:
    """A process on free ports of loopback, from start() to stop()."""

    name = ""
    ready_path = "/"          # of HEALTH_PORT
    ready_port = "HEALTH_PORT"

    def __init__(self, work, name=None):
        self.data = work / (name or self.name)
        self.data.mkdir()
        ports = set()
        while len(ports) < len(PORTS):
            ports.add(free_port())
        self.port = dict(zip(PORTS, ports))
        self.process = None

    def start(self, **environment):
        environment = {**os.environ, **environment, "DATA": str(self.data), **{name: str(port) for name, port in self.port.items()}}
        with open(self.data / "log", "wb") as log:
            self.process = subprocess.Popen([str(word) for word in self.command()], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_ready(self):
        wait_until(self.is_ready, START_S, f"{self.name} to be ready")

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}: {(self.data / 'log').read_text()[-2000:]}")
        return answers(self.url(self.ready_port, self.ready_path))

    def stop(self):
        if not self.process:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def url(self, port, path=""):
        return f"http://127.0.0.1:{self.port[port]}{path}"

    def destinations(self):
        """What --to has to say, by the name of the view that read() has of it."""
        return {self.name: f"{self.name}={self.url('OTLP_PORT')}"}

    def options(self):
        """The agent's, for all of them."""
        return [word for url in self.destinations().values() for word in ("--to", url)]

    def view(self, span):
        """A span as this backend gives it back."""
        return span


class Jaeger(Backend):
    """Keeps everything, and gives OTLP back by its API v3."""
    name = "jaeger"
    ready_path = "/status"
    TRACES = 100_000  # that it keeps
    EVER = {"query.start_time_min": "2000-01-01T00:00:00Z", "query.start_time_max": "2100-01-01T00:00:00Z"}

    def command(self):
        return [CACHE / "bin" / "jaeger", "--config", HERE / "config" / "jaeger.yaml"]

    def read(self, traces, _):
        return {key: span for trace in traces for key, span in spans_of(json.loads(get(self.url("QUERY_PORT", f"/api/v3/traces/{trace}")))["result"]).items()}

    def everything(self):
        """All traces of one service after the other, as OTLP's JSON: each as often as services are in it."""
        for service in json.loads(get(self.url("QUERY_PORT", "/api/v3/services")))["services"]:
            asked = urllib.parse.urlencode({"query.service_name": service, "query.num_traces": self.TRACES - 1, **self.EVER})
            try:
                yield json.loads(get(self.url("QUERY_PORT", f"/api/v3/traces?{asked}")))["result"]
            except urllib.error.HTTPError as error:
                if error.code != http.HTTPStatus.NOT_FOUND:  # the service has a name already, and no trace yet
                    raise


class Collector(Backend):
    """Keeps everything. What came by http and what came by grpc are files of their own."""
    name = "otelcol"

    def command(self):
        return [CACHE / "bin" / "otelcol", "--config", HERE / "config" / "otelcol.yaml"]

    def destinations(self):
        return {"http": f"collector={self.url('OTLP_PORT')}", "grpc": f"collector=grpc://127.0.0.1:{self.port['GRPC_PORT']}"}

    def read(self, traces, way):
        return {key: span for key, span in spans_of_lines(self.data / f"{way}.jsonl").items() if key[0] in traces}


class Tempo(Backend):
    """1.5: its protobuf is older than the flags."""
    name = "tempo"
    ready_port, ready_path = "QUERY_PORT", "/ready"

    def command(self):
        return [CACHE / "bin" / "tempo", "-target=all", f"-config.file={HERE / 'config' / 'tempo.yaml'}", "-config.expand-env=true"]

    def read(self, traces, _):
        return {key: span for trace in traces for key, span in spans_of(json.loads(get(self.url("QUERY_PORT", f"/api/traces/{trace}")))).items()}

    def view(self, span):
        return {**span, "flags": 0}


class Zipkin(Backend):
    """Has microseconds, texts for all attributes, lower case for names of spans and services, and neither links nor trace
    state nor flags. A resource is told by the tags of its spans."""
    name = "zipkin"
    ready_port, ready_path = "OTLP_PORT", "/health"
    KINDS = {2: "SERVER", 3: "CLIENT"}

    def command(self):
        return ["java", "-Xmx256m", "-Darmeria.ports[0].ip=127.0.0.1", f"-Darmeria.ports[0].port={self.port['OTLP_PORT']}",
                "-Darmeria.ports[0].protocols[0]=http", "-jar", CACHE / "jar" / "zipkin-server-3.5.1-exec.jar"]

    def read(self, traces, _):
        spans = {}
        for trace in traces:
            for span in json.loads(get(self.url("OTLP_PORT", f"/api/v2/trace/{trace}"))):
                spans[span["traceId"], span["id"]] = {
                    "parent": span.get("parentId", ""), "name": span["name"], "kind": span.get("kind"), "start": span["timestamp"],
                    "duration": span["duration"], "service": span["localEndpoint"]["serviceName"], "tags": span["tags"],
                    "asked": span.get("remoteEndpoint", {}).get("serviceName"),
                }
        return spans

    def view(self, span):
        attributes, resource = span["attributes"], dict(span["resource"])
        service = resource.pop("service.name")
        tags = {**resource, **attributes, "otel.scope.name": "suture", "otel.scope.version": resource["telemetry.sdk.version"]}
        tags = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in tags.items()}
        if span["status"] == 2:
            tags |= {"otel.status_code": "ERROR", "error": ""}
        return {"parent": span["parent"], "name": span["name"].lower(), "kind": self.KINDS.get(span["kind"]), "start": span["start"] // 1000,
                "duration": max(1, (span["end"] - span["start"]) // 1000), "service": service.lower(), "tags": tags,
                "asked": attributes.get("server.address", "").lower() or None if span["kind"] == 3 else None}


ALL = (Jaeger, Collector, Tempo, Zipkin)


def on_stage(scene, backend):
    """A backend of that class that runs as long as the scene."""
    started = backend(scene.directory)
    scene.cleanups.append(started.stop)
    started.start()
    started.wait_ready()
    return started


@functools.cache
def have(name):
    """Builds or downloads it if need be; says why not, if it cannot be had."""
    return subprocess.run([HERE / "install", name], check=False).returncode == 0

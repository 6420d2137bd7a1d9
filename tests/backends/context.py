"""A (SDK) -> B (drops the trace context) -> C (SDK), with Jaeger as the backend: the traces that the gateway mends by rewriting or by
links, and those that stay whole because suture writes the context into what B sends. C's log records are in a Collector's file.

context:B:WAY is one of them, context:B and context all that are of it. SUTURE_CONTEXT_REQUESTS: how many requests each, 2000 if unset."""
import os

from polling import wait_until
from runtimes import SERVICES, start_gap
from sdk_stage import HOST, SdkStage
from stories import WAYS, judge, path_of

RUNTIMES = ("python", "node", "go", "java", "nginx")
REQUESTS = int(os.environ.get("SUTURE_CONTEXT_REQUESTS", 2000))
IN_FLIGHT = 16
WARM_UP = {"node": (400, IN_FLIGHT)}  # requests, in flight: an event loop must show under load that its last read is the cause
TRAFFIC_S, LOG_S = 300, 60
SPANS = {"rewrite": 6, "link": 7, "header": 6}  # of a request: two each of A, B and C, and with links C's server span of ours


def send(stage, endpoint, gap, count, in_flight):
    """Returns what the paths of these requests begin with."""
    prefix = stage.scene.unique()
    a = stage.scene.spawn([stage.python, SERVICES / "sdk_client.py", endpoint, f"http://{HOST}:{gap.address[1]}", prefix, count, in_flight])
    wait_until(lambda: a.poll() is not None, TRAFFIC_S, "the client's end")
    stage.scene.fail_if([f"the client ended with {a.returncode}"] if a.returncode else [])
    return prefix


def start(scene, stage, runtime, way):
    """(the SDKs' endpoint, B)"""
    if way == "header":
        endpoint, logs = stage.jaeger.url("OTLP_PORT"), [stage.collector.url("OTLP_PORT")]
    else:
        endpoint, logs = stage.start_gateway(way), []
    gap = start_gap(scene, runtime, stage.serve("sdk_service.py", endpoint, *logs).address[1])
    if way == "header":
        chosen = "--propagate-exe=nginx" if runtime == "nginx" else "--propagate-service=gap"
        stage.start_agent("--propagate=header", chosen)
    return endpoint, gap


def run(scene, runtime, way):
    stage = SdkStage(scene)
    endpoint, gap = start(scene, stage, runtime, way)
    # What is exact in a process is learned from its first requests.
    send(stage, endpoint, gap, *WARM_UP.get(runtime, (40, 2)))
    prefix = send(stage, endpoint, gap, REQUESTS, IN_FLIGHT)
    logs = lambda: [record for record in stage.logs() if prefix in record["text"]]
    wait_until(lambda: len(logs()) >= REQUESTS, LOG_S, f"{REQUESTS} log records")
    mine = lambda spans: [span for span in spans if prefix in span["name"] + path_of(span)]
    spans = mine(stage.spans(lambda found: len(mine(found)) >= SPANS[way] * REQUESTS))
    stage.agent.stop()
    print(f"context: B is {runtime}, {IN_FLIGHT} in flight, ", end="")
    scene.fail_if(judge(spans + logs(), prefix, REQUESTS, way) + stage.agent.problems)

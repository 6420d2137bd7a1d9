"""A real Prometheus scrapes the agent beside the demo shop: its query has the p95 of the shop's route, and the exemplars of that
lead to spans in Jaeger, of that duration."""
import contextlib
import json

from backends import Jaeger, get, on_stage
from polling import wait_until
from prometheus import Prometheus
from runtimes import free_port
from services import Shop
from spans import spans_of

HOST = "127.0.0.1"
ROUTE = "/buy/{item}"
SERIES = f'http_server_request_duration_seconds_bucket{{http_route="{ROUTE}"}}'
P95 = f"histogram_quantile(0.95, sum by (le) (rate({SERIES}[30s])))"
SCRAPED_S = 60
KEPT_S = 30
ROUNDING_S = 1e-6  # of a duration as text


def duration(span):
    return (span["end"] - span["start"]) / 1e9


def problem_of(exemplar, jaeger):
    """What is wrong with where it leads; empty if nothing."""
    key = exemplar["labels"]["trace_id"], exemplar["labels"]["span_id"]
    address = jaeger.url("QUERY_PORT", f"/api/v3/traces/{key[0]}")

    def in_jaeger():
        with contextlib.suppress(OSError):  # not known yet is 404
            return spans_of(json.loads(get(address))["result"]).get(key)

    span = wait_until(in_jaeger, KEPT_S, f"the span of {exemplar} in Jaeger")
    if span["attributes"].get("http.route") == ROUTE and abs(duration(span) - float(exemplar["value"])) < ROUNDING_S:
        return ""
    return f"{exemplar} is of another span: {span}"


def run(scene):
    jaeger = on_stage(scene, Jaeger)
    shop = Shop(scene.file("shop"))
    scene.cleanups.append(shop.close)
    shop.start()
    target = f"{HOST}:{free_port(HOST)}"
    ports = ",".join(map(str, shop.ports.values()))
    agent = scene.start_agent("--ui", target, "--route", f"*: {ROUTE}", "--include-port", ports, *jaeger.options())
    prometheus = Prometheus(scene, target)
    port, path = shop.entrance

    def buy_and_ask():
        get(f"http://{HOST}:{port}{path}1")
        return [value for _, value in prometheus.query(P95) if value == value]  # NaN until two scrapes differ

    seconds = wait_until(buy_and_ask, SCRAPED_S, "a 95th percentile")[0]
    first = min(span.start for span in agent.spans()) / 1e9
    exemplars = wait_until(lambda: prometheus.exemplars(SERIES, first), SCRAPED_S, "an exemplar")
    problems = [problem for exemplar in exemplars if (problem := problem_of(exemplar, jaeger))]
    agent.stop()
    print(f"prometheus: p95 of {ROUTE} is {1000 * seconds:.2f} ms; {len(exemplars)} exemplars, {len(exemplars) - len(problems)} of them spans in Jaeger")
    scene.fail_if(problems + agent.problems)

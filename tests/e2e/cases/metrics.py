"""A real Prometheus scrapes the agent: the durations of a service have a p95, and an exemplar whose trace was exported."""

import subprocess
import urllib.request

from connection import Connection
from polling import wait_until
from prometheus import Prometheus
from request import Request
from runtimes import find, free_port, start_backend, start_nginx

HOST = "127.0.0.1"
ROUTE = "/r/{id}"
ANSWER_SECONDS = 60
SCRAPED_SECONDS = 60  # some scrapes, a second apart


def fetch(address, accept):
    with urllib.request.urlopen(urllib.request.Request(f"http://{address}/metrics", headers={"Accept": accept}), timeout=ANSWER_SECONDS) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def run(scene, _):
    backend = start_backend(scene, "python")
    nginx = start_nginx(scene, backend)
    target = f"{HOST}:{free_port(HOST)}"
    agent = scene.start_agent("--ui", target, "--route", f"*: {ROUTE}")
    prometheus = Prometheus(scene, target)

    def ask(query):
        with Connection(nginx.address) as connection:
            connection.exchange(Request(f"/r/{scene.unique()}"))
        return prometheus.query(query)

    # Of this backend alone: the host may have other services of that name.
    target_info = wait_until(lambda: ask(f'target_info{{process_pid="{backend.pid}"}}'), SCRAPED_SECONDS, "the backend's resource")[0][0]
    labels = f'job="{target_info["job"]}",instance="{target_info["instance"]}",http_route="{ROUTE}"'
    series = f"http_server_request_duration_seconds_bucket{{{labels}}}"

    def quantile():
        found = ask(f"histogram_quantile(0.95, sum by (le) (rate({series}[30s])))")
        return [value for _, value in found if value == value]  # NaN until two scrapes differ

    seconds = wait_until(quantile, SCRAPED_SECONDS, "a 95th percentile")[0]
    first = min(span.start for span in agent.spans()) / 1e9
    exemplars = wait_until(lambda: prometheus.exemplars(series, first), SCRAPED_SECONDS, "an exemplar")
    sizes = wait_until(lambda: prometheus.query(f"http_server_response_body_size_bytes_sum{{{labels}}}"), SCRAPED_SECONDS, "sizes of bodies")
    edges = wait_until(lambda: prometheus.query('traces_service_graph_request_total{client="nginx"}'), SCRAPED_SECONDS, "the edge from nginx")
    up = prometheus.query('up{job="suture"}')
    text_type, text = fetch(target, "text/plain")
    checked = subprocess.run([find("promtool"), "check", "metrics"], input=text, capture_output=True, text=True, check=False)

    spans = agent.stop()
    traces = {span.trace_id for span in spans}
    problems = list(agent.problems)
    if not 0 < seconds < ANSWER_SECONDS:
        problems.append(f"the 95th percentile is {seconds} s")
    problems += [f"exemplar of a trace that nobody has: {exemplar}" for exemplar in exemplars if exemplar["labels"]["trace_id"] not in traces]
    if sizes[0][1] <= 0:
        problems.append(f"the backend's responses had bodies: {sizes}")
    named = {(span.attributes.get("http.route"), span.attributes.get("suture.path_template")) for span in spans if span.kind == "server" and span.path.startswith("/r/")}
    if not named or not all(route == ROUTE and template for route, template in named):
        problems.append(f"routes and templates of servers' spans: {named}")
    if "connection_type" in edges[0][0] or not edges[0][0]["server"]:
        problems.append(f"the edge from nginx leads nowhere: {edges}")
    if not up or up[0][1] != 1:
        problems.append(f"Prometheus says that the agent is not up: {up}")
    if not text_type.startswith("text/plain; version=0.0.4") or checked.returncode != 0:
        problems.append(f"promtool of {text_type}: {checked.stdout}{checked.stderr}")
    print(f"p95 {seconds} s, {len(exemplars)} exemplars, {len(traces)} traces")
    scene.fail_if(problems)


"""A (SDK) -> B (drops the context) -> C (SDK), whose SDK begins a trace of its own; both export to the gateway.

usage: gateway:rewrite, gateway:link. SUTURE_E2E_GATEWAY_REQUESTS: how many requests, 200 if unset."""

import collections
import json
import os
import sys
from pathlib import Path

from polling import wait_until
from runtimes import SERVICES, free_port, start

sys.path.append(str(Path(__file__).resolve().parent.parent.parent / "truth"))
from install import Installer  # noqa: E402

REQUESTS = int(os.environ.get("SUTURE_E2E_GATEWAY_REQUESTS", 200))
IN_FLIGHT = 16
TRAFFIC_SECONDS, EXPORT_SECONDS = 200, 40
SERVER, CLIENT = 2, 3
PACKAGES = ("flask==3.1.3", "requests==2.34.2", "opentelemetry-sdk==1.45.1", "opentelemetry-exporter-otlp-proto-http==1.45.1",
            "opentelemetry-instrumentation-flask==0.66b1", "opentelemetry-instrumentation-requests==0.66b1")


def records(store):
    return [json.loads(line) for line in store.log.read_text().split("\n")[:-1]]


def path_of(span):
    """Of a server or client span of either convention."""
    a = span["attributes"]
    target = a.get("url.path") or a.get("http.target") or a.get("url.full") or a.get("http.url") or ""
    return "/" + target.split("//")[-1].split("/", 1)[-1] if "//" in target else target


def run(scene, mend):
    python = Installer(scene.build).python(*PACKAGES)
    serve = lambda script, *more: start(scene, script, [python, SERVICES / script, log := scene.file(script + ".log"), "127.0.0.1", *more], log, "127.0.0.1")
    store = serve("otlp_store.py")
    port = free_port("127.0.0.1")
    endpoint = f"http://127.0.0.1:{port}"
    agent = scene.start_agent("--otlp", f"http://127.0.0.1:{store.address[1]}", "--otlp-listen", f"127.0.0.1:{port}", "--mend", mend)
    c = serve("sdk_service.py", endpoint)
    b = serve("gap.py", c.address[1])
    prefix = scene.unique()
    a = scene.spawn([python, SERVICES / "sdk_client.py", endpoint, f"http://127.0.0.1:{b.address[1]}", prefix, REQUESTS, IN_FLIGHT])
    wait_until(lambda: a.poll() is not None, TRAFFIC_SECONDS, "the client's end")
    scene.fail_if([f"the client ended with {a.returncode}"] if a.returncode else [])
    ours = lambda: [r for r in records(store) if r.get("scope") == "suture"]
    # What both SDKs and we report: the client's two spans, two of B, the service's two and one log record; with links also C's server.
    expected = REQUESTS * (7 if mend == "rewrite" else 8)
    try:
        wait_until(lambda: len(records(store)) >= expected, EXPORT_SECONDS, f"{expected} records of {prefix}")
    finally:
        print(len(records(store)), "records,", len(ours()), "of ours; ledger:", json.loads(agent.ledger_path.read_text())["gateway"])
    agent.stop()
    scene.fail_if(judge(records(store), prefix, mend) + agent.problems)


def judge(all_records, prefix, mend):
    spans = [r for r in all_records if r["what"] == "span"]
    logs = {r["text"]: r for r in all_records if r["what"] == "log"}
    problems = [f"span {span} is there {n} times" for span, n in collections.Counter(s["span"] for s in spans).items() if n > 1]
    roots = {s["name"]: s for s in spans if s["service"] == "client" and s["kind"] == 1}
    by = collections.defaultdict(list)  # (service is C's SDK, ours; kind) and path
    for s in spans:
        by["ours" if s["scope"] == "suture" else s["service"], s["kind"], path_of(s)].append(s)
    joined = false = 0
    for number in range(REQUESTS):
        name = f"{prefix}-{number}"
        path = "/" + name
        root, server = roots.get(name), by["service", SERVER, path]
        b_client = [s for s in by["ours", CLIENT, path]]
        our_servers = by["ours", SERVER, path]
        if root is None or len(server) != 1 or len(b_client) != 1 or path not in logs:
            problems.append(f"{name}: root {root is not None}, {len(server)} spans of the service, {len(b_client)} client spans of ours, log {path in logs}")
            continue
        server, b_client = server[0], b_client[0]
        if mend == "rewrite":
            whole = server["trace"] == root["trace"] and server["parent"] == b_client["span"] and logs[path]["trace"] == root["trace"]
            false += (server["trace"] != root["trace"] or server["parent"] != b_client["span"]) and "suture.original.trace_id" in server["attributes"]
            joined += whole
            if len(our_servers) != 1 or not whole:
                problems.append(f"{name}: whole {whole}, {len(our_servers)} server spans of ours: {server}")
        else:
            c_servers = [s for s in our_servers if s["parent"] == b_client["span"]]
            c_server = c_servers[0] if len(c_servers) == 1 else None
            there = c_server is not None and [c_server["trace"], c_server["span"]] in server["links"] and c_server["trace"] == root["trace"]
            back = c_server is not None and [server["trace"], server["span"]] in c_server["links"]
            false += bool(server["links"]) and not there
            joined += there and back
            if not (there and back) or logs[path]["trace"] != server["trace"]:
                problems.append(f"{name}: link there {there}, back {back}: {server} {c_server}")
    print(f"{REQUESTS} requests at {IN_FLIGHT} in flight, mend {mend}: {joined} joined ({100 * joined / REQUESTS:.2f} %), {false} falsely")
    if false or joined < 0.99 * REQUESTS:
        return problems + [f"{joined} joined, {false} falsely"]
    doubled = [p for p in problems if "times" in p or "server spans of ours" in p and "whole True" in p]
    return doubled + ([] if joined == REQUESTS or REQUESTS > 200 else problems)

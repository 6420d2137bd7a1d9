"""The measures: each takes a Bench and returns rows of the table."""

import contextlib
import json
import shlex
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from observers import Nothing, events_lost
from processes import Collector, ProgramStats, SetupError, cpu_ns, rss_mb, run_load, run_wrk
from report import Row, number, spread


def warm_up(bench):
    run_load(bench.bin / "bench_load", bench.server.port, 32, 0, 5, requests=3000, cpu=bench.client_cpu)


def in_turns(bench, observers, measure, rounds, server_only=True):
    """{observer's name: [what `measure(observer)` gave, one per round]}, every round in another order."""
    results = {observer.name: [] for observer in observers}
    for number_of_round in range(rounds):
        with bench.turn():
            for observer in bench.shuffled(observers):
                observer.start(bench.server.worker if server_only else None)
                try:
                    warm_up(bench)
                    results[observer.name].append(measure(observer))
                finally:
                    observer.stop()
        bench.say(f"  round {number_of_round + 1} of {rounds}")
    return results


def less(many, few):
    return [a - b for a, b in zip(many, few)]


def ratios(many, few):
    return [a / b for a, b in zip(many, few) if b > 0]


def in_kernel(bench):
    """bpf_stats of every program of an observer, less the clock's own share, which an empty program shows. Ours and the
    classic ones with the same bare reader; then ours with the whole agent behind it, whose work evicts what they use."""

    def measure(observer):
        runs_before, ns_before = stats.read(observer.pid)
        requests, _ = run_wrk(bench.server.port, bench.seconds, bench.client_cpu)
        runs, ns = stats.read(observer.pid)
        return (runs - runs_before) / requests, (ns - ns_before) / requests

    empty = bench.empty("sock-length")
    captures, rows = [], []
    for mechanism in bench.mechanisms:
        capture = bench.capture(mechanism)
        try:
            capture.start(bench.server.worker)
            capture.stop()
            captures.append(capture)
        except SetupError as error:
            bench.say(f"  {mechanism}: {error}")
            rows.append(Row(f"in-kernel ns per request, {mechanism}", "-", met=lambda _: False))
    variants = {"without TCP positions, copying before looking": bench.classic("--lean"),
                "that wakes its reader for each event": bench.classic("--wake")}
    agent = bench.agent()
    with contextlib.closing(ProgramStats(bench.bin / "bench_program_stats")) as stats:
        results = in_turns(bench, [empty, bench.classic(), *variants.values(), *captures, agent], measure, bench.rounds)
    clock_ns = [ns / runs for runs, ns in results[empty.name]]
    net = {name: [ns - runs * clock for (runs, ns), clock in zip(values, clock_ns)] for name, values in results.items()}

    def runs_of(observer):
        return number(statistics.median(runs for runs, _ in results[observer.name]))

    rows.append(Row("statistics' clock, ns per run of an empty program (taken off below)", spread(clock_ns)))
    for capture in captures:
        rows.append(Row(f"in-kernel ns per request, one side, nginx, {capture.mechanism} ({runs_of(capture)} runs)",
                        spread(net[capture.name]), spread(net["classic"]), ratios(net["classic"], net[capture.name]),
                        "classic / ours >= 2.4, stretch: ours 700", lambda ratio: ratio >= 2.4))
    rows.append(Row(f"same, {agent.mechanism}, with the whole agent behind it", spread(net[agent.name])))
    for title, variant in variants.items():
        rows.append(Row(f"same, a classic probe {title} ({runs_of(variant)} runs)", "-", spread(net[variant.name])))
    return rows


def service_cpu(bench):
    """Time the nginx worker spends on a processor, per request."""

    def measure(_):
        before = cpu_ns(bench.server.worker)
        requests, _ = run_wrk(bench.server.port, bench.seconds, bench.client_cpu)
        return (cpu_ns(bench.server.worker) - before) / requests

    agent = bench.agent()
    results = in_turns(bench, [Nothing(), agent, bench.classic()], measure, bench.rounds)
    base, ours, classic = (results[name] for name in ("base", agent.name, "classic"))
    added = less(ours, base)
    return [Row(f"service CPU added per request, ns (of {spread(base)})", spread(added, sign=True),
                spread(less(classic, base), sign=True), added, "<= 1 000", lambda ns: ns <= 1000)]


def calls(bench):
    """Single calls of a traced process: the least of many blocks, less the same without a probe."""

    def measure(_):
        command = ["taskset", "-c", str(bench.client_cpu), str(bench.bin / "bench_calls")]
        return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    agent, empty = bench.agent(), bench.empty()
    observers = [Nothing(), empty, agent, bench.classic()]
    results = in_turns(bench, observers, measure, bench.rounds + 1, server_only=False)

    def added(observer_name, operation):
        return [a[operation] - b[operation] for a, b in zip(results[observer_name], results["base"])]

    def base(operation):
        return number(statistics.median(values[operation] for values in results["base"]))

    def row(title, operation, judged, bar, met):
        hook = spread(added(empty.name, operation), sign=True)
        return Row(f"{title}, ns added to {base(operation)} (the empty hook: {hook})",
                   spread(added(agent.name, operation), sign=True), spread(added("classic", operation), sign=True),
                   judged, bar, met)

    turn = ratios(added("classic", "http_turn"), added(agent.name, "http_turn"))
    rows = [row("warm HTTP turn, both ends, 4 messages", "http_turn", turn, "classic / ours >= 4.5",
                lambda ratio: ratio >= 4.5)]
    for title, operation in (("getppid", "getppid"), ("write to /dev/null", "write_null"), ("pread", "pread"),
                             ("pipe write + read", "pipe")):
        rows.append(row(title, operation, added(agent.name, operation), "< 3", lambda ns: ns < 3))
    above_hook = less(added(agent.name, "other_tcp"), added(empty.name, "other_tcp"))
    rows.append(row("non-HTTP TCP send + recv", "other_tcp", above_hook, "<= the empty hook + 130",
                    lambda ns: ns <= 130))
    rows.append(row("recv with nothing there (EAGAIN)", "eagain", [], "", None))
    return rows


def lost_events(bench):
    """The ledger after a load at a fixed rate; the same run shows the agent's own CPU per span."""
    wanted_rate = 35_000
    rows = []
    for server_only, title, bar_percent in ((True, "one side", 0.0), (False, "both sides", 0.3)):
        lost_percent, cpu_per_span, reached = [], [], []
        for _ in range(bench.rounds):
            agent = bench.agent(sheds=True)
            with bench.turn():
                agent.start(bench.server.worker if server_only else None)
                try:
                    cpu_before = cpu_ns(agent.pid)
                    load = run_load(bench.bin / "bench_load", bench.server.port, 64, wanted_rate, 2 * bench.seconds,
                                    cpu=bench.client_cpu)
                    cpu = cpu_ns(agent.pid) - cpu_before
                finally:
                    ledger = agent.stop()
            lost, seen = events_lost(ledger)
            reached.append(load["requests"] / load["seconds"])
            # A machine too busy to reach the rate says nothing about it, nor does an agent that saw too little.
            if reached[-1] >= 0.95 * wanted_rate and seen >= load["requests"]:
                lost_percent.append(100 * lost / seen)
            cpu_per_span.append(cpu / max(ledger["spans"]["made"], 1))
        rows.append(Row(f"events lost, %, {title}, at {spread(reached)} requests/s of {wanted_rate} asked",
                        spread(lost_percent), "-", lost_percent, f"<= {bar_percent}",
                        lambda percent, most=bar_percent: percent <= most))
        rows.append(Row(f"agent CPU per span while that ran, {title}, ns", spread(cpu_per_span)))
    return rows


def spans_of(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            for resource in json.loads(line)["resourceSpans"]:
                for scope in resource["scopeSpans"]:
                    yield from scope["spans"]


def order(bench):
    """A server span must not begin before the client span it hangs on, nor end after it."""
    inverted_percent, joined_percent = [], []
    requests = 20_000
    for _ in range(bench.rounds):
        with tempfile.TemporaryDirectory(prefix="suture-bench-") as directory, bench.turn():
            path = Path(directory) / "spans.jsonl"
            agent = bench.agent(destination=["--otlp-file", path])
            agent.start()
            try:
                run_load(bench.bin / "bench_load", bench.server.port, 4, 0, 30, requests=requests, cpu=bench.client_cpu)
            finally:
                agent.stop()
            times = {span["spanId"]: (int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"]),
                                      span.get("parentSpanId", "")) for span in spans_of(path)}
        joined = inverted = 0
        for start, end, parent in times.values():
            if parent in times:
                joined += 1
                inverted += start < times[parent][0] or end > times[parent][1]
        joined_percent.append(100 * joined / requests)
        if joined >= 0.99 * requests:  # fewer pairs than that are no evidence
            inverted_percent.append(100 * inverted / joined)
    return [Row(f"receive stamped before the peer's send, % of {requests} requests ({spread(joined_percent)} % joined)",
                spread(inverted_percent), "-", inverted_percent, "0", lambda percent: percent == 0)]


def throughput(bench):
    """wrk as fast as it goes, the agent on and off in turns."""
    rows = []
    for server_only, title, bar in ((True, "server observed", 0.93), (False, "both sides observed", 0.90)):
        pairs, base_rates, kept_percent = [], [], []
        agent = bench.agent(sheds=True)
        for _ in range(bench.pairs):
            rates = {}
            with bench.turn():
                for observer in bench.shuffled([Nothing(), agent]):
                    observer.start(bench.server.worker if server_only else None)
                    try:
                        warm_up(bench)
                        rates[observer.name] = run_wrk(bench.server.port, bench.seconds, bench.client_cpu)[1]
                    finally:
                        ledger = observer.stop()
                    if observer is agent:
                        kept_percent.append(100 * ledger["requests"]["seen"] /
                                            (ledger["requests"]["seen"] + ledger["events"]["dropped"]["shed"]))
            pairs.append(rates[agent.name] / rates["base"])
            base_rates.append(rates["base"])
        rows.append(Row(f"nginx under wrk, requests/s with the agent / without ({spread(base_rates)}), {title}, "
                        f"{len(pairs)} pairs, {spread(kept_percent)} % of the requests reported", spread(pairs), "-", pairs, f">= {bar:.2f}",
                        lambda ratio, least=bar: ratio >= least))
    return rows


def most_rss_mb(pid, seconds):
    deadline = time.monotonic() + seconds
    most = rss_mb(pid)
    while time.monotonic() < deadline:
        time.sleep(0.1)
        most = max(most, rss_mb(pid))
    return most


def memory(bench):
    rate, connections, seconds = 20_000, 10_000, 6 * bench.seconds
    with bench.turn():
        agent = bench.agent()
        agent.start()
        try:
            idle = most_rss_mb(agent.pid, 3)
            command = [bench.bin / "bench_load", bench.server.port, connections, rate, seconds]
            with subprocess.Popen([str(a) for a in command], stdout=subprocess.PIPE, text=True) as load:
                loaded = most_rss_mb(agent.pid, seconds)
                result = json.loads(load.communicate()[0])
        finally:
            agent.stop()
    reached = result["requests"] / result["seconds"]
    return [Row("agent memory, idle, MB RSS", number(idle), "-", [idle], "<= 20", lambda mb: mb <= 20),
            Row(f"agent memory, {number(reached)} requests/s over {connections} connections, both sides, MB RSS",
                number(loaded), "-", [loaded], "<= 48", lambda mb: mb <= 48)]


def pipeline(bench):
    """A replay through the agent's pipeline, no kernel: CPU time per item, items being spans."""
    command = shlex.split(bench.options.pipeline)
    command += ["--benchmark_format=json", f"--benchmark_repetitions={bench.rounds}"]
    with bench.turn():
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SetupError(f"{bench.options.pipeline}: {done.stderr.strip()[-400:]}")
    runs = [run for run in json.loads(done.stdout)["benchmarks"]
            if run.get("run_type") == "iteration" and "items_per_second" in run]
    rows = []
    for name in dict.fromkeys(run["run_name"] for run in runs):
        us = [1e6 / run["items_per_second"] for run in runs if run["run_name"] == name]
        rows.append(Row(f"agent CPU per span, us, {name}", spread(us), "-", us, "<= 4, stretch 3", lambda us: us <= 4))
    return rows


def export(bench):
    """Spans at a steady rate to an intake in a process of its own: a Collector where there is one, else nginx, which reads nothing of it."""
    rate, seconds = 20_000, bench.options.export_seconds or (5 if bench.options.quick else 60)
    collector = Collector() if Collector.is_there() else None
    port, intake = (collector.port, "a Collector") if collector else (bench.sink.port, "nginx")
    command = [bench.bin / "bench_export_sustained", f"http://127.0.0.1:{port}/v1/traces", rate, seconds]
    with contextlib.closing(collector) if collector else contextlib.nullcontext(), bench.turn():
        done = subprocess.run([str(a) for a in command], capture_output=True, text=True)
    if done.returncode:
        raise SetupError(f"bench_export_sustained: {done.stderr.strip()[-400:]}")
    result = json.loads(done.stdout)
    dropped = result["sent"] - result["accepted"]
    load = f"{number(rate)} spans/s for {number(result['seconds'])} s to {intake}"
    return [Row(f"spans not delivered of {number(result['sent'])}, {load}", number(dropped), "-", [dropped], "0", lambda spans: spans == 0),
            Row("export thread, cores", number(result["cores"]), "-", [result["cores"]], "<= 0.25", lambda cores: cores <= 0.25),
            Row("memory for export, MB RSS", number(result["memory_mb"]), "-", [result["memory_mb"]], "<= 96", lambda mb: mb <= 96),
            Row("of it per span: OTLP encoded, ns", number(result["encode_ns"])),
            Row("of it per span: compressed, ns", number(result["compress_ns"]))]


ALL = {"in-kernel": in_kernel, "calls": calls, "service-cpu": service_cpu, "lost-events": lost_events, "order": order,
       "pipeline": pipeline, "export": export, "memory": memory, "throughput": throughput}

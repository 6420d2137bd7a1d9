#!/usr/bin/env python3
"""Prints what the agent costs, beside a classic probe measured in the same run, as a Markdown table.

Needs root, nginx and wrk. All figures come from this run; what is compared is measured in turns, in random order, so
that whatever else the machine does falls on all alike. Words go to stderr, the table to stdout.
"""

import argparse
import contextlib
import fcntl
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import measures
from observers import Agent, Capture, Classic, Empty
from processes import Nginx, SetupError, raise_file_limit, two_cpus
from report import Row, print_table


class Bench:
    """What every measure needs: the tools, the server, how long and how often."""

    def __init__(self, options, directory):
        self.options = options
        self.bin = Path(options.bin_dir)
        self.mechanisms = options.hooks.split(",")
        self.rounds = 2 if options.quick else 5
        self.pairs = 2 if options.quick else 10
        self.seconds = 2 if options.quick else 5
        self.server_cpu, self.client_cpu = two_cpus()
        self.server = Nginx(Path(directory) / "server", self.server_cpu)
        self.sink = Nginx(Path(directory) / "sink")

    def close(self):
        self.server.stop()
        self.sink.stop()

    def agent(self, mechanism=None, destination=None, sheds=False):
        """What a reported request costs is asked of an agent that reports them all, however busy the machine is; with
        `sheds`, the agent is as people run it."""
        if not destination:
            destination = ["--otlp", f"http://127.0.0.1:{self.sink.port}"]
        budget = [] if sheds else ["--cpu-budget=100"]
        return Agent(self.options.suture, mechanism or self.mechanisms[0], destination + budget)

    def capture(self, mechanism):
        return Capture(self.bin / "bench_capture", mechanism)

    def classic(self, variant=None):
        return Classic(self.bin / "bench_classic", variant)

    def empty(self, mechanism=None):
        return Empty(self.bin / "bench_empty", mechanism or self.mechanisms[0])

    @contextlib.contextmanager
    def turn(self):
        """Holds the machine for one round: two benchmarks at once would measure each other."""
        with open(self.options.lock, "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.warn_of_others()
            yield

    def warn_of_others(self):
        """Programs of another agent or benchmark add to what is measured as the base."""
        deadline = time.monotonic() + 3  # our own of the last round may take a moment to go
        while (others := self.programs_attached()) and time.monotonic() < deadline:
            time.sleep(0.1)
        if others:
            self.say(f"  warning: attached by someone else: {', '.join(others)}")

    def programs_attached(self):
        listed = subprocess.check_output([self.bin / "bench_program_stats", "--once"], text=True)
        names = {name for name, _, _ in json.loads(listed).values()}
        return sorted(name for name in names if name.startswith(("suture_", "classic_", "empty_")))

    def shuffled(self, observers):
        return random.sample(observers, len(observers))

    def say(self, words):
        print(words, file=sys.stderr, flush=True)


def parse_options():
    here = Path(__file__).resolve()
    build = here.parents[2] / "build"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--suture", default=os.environ.get("SUTURE_BIN", build / "suture"), help="the agent's binary")
    parser.add_argument("--bin-dir", default=build / "tests" / "bench", help="where bench_classic and the others are")
    parser.add_argument("--hooks", default="sendmsg-locked,sock-length,sys-exit",
                        help="socket-io mechanisms to measure; the first one stands for the agent in the other rows")
    parser.add_argument("--quick", action="store_true", help="two rounds, two minutes")
    parser.add_argument("--export-seconds", type=int, default=0, help="how long the measure export sends (60; with --quick 5)")
    parser.add_argument("--only", default=",".join(measures.ALL), help="of: %(default)s")
    parser.add_argument("--pipeline", default=str(build / "tests" / "bench" / "pipeline_bench"),
                        help="Google Benchmark whose items are spans, ring record to compressed OTLP")
    parser.add_argument("--check", action="store_true", help="exit 1 if a bar is missed")
    parser.add_argument("--lock", default=os.environ.get("SUTURE_BENCH_LOCK",
                                                         Path(tempfile.gettempdir()) / "suture-bench.lock"))
    options = parser.parse_args()
    unknown = set(options.only.split(",")) - set(measures.ALL)
    if unknown:
        parser.error(f"--only: no such measure: {', '.join(sorted(unknown))}")
    return options


def main():
    options = parse_options()
    if os.geteuid() != 0:
        print("bench: needs root, to load BPF programs. Run it with sudo.", file=sys.stderr)
        return 2
    raise_file_limit()
    rows = []
    with tempfile.TemporaryDirectory(prefix="suture-bench-") as directory:
        os.chmod(directory, 0o755)  # nginx's worker is not root
        try:
            bench = Bench(options, directory)
        except SetupError as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
        with contextlib.closing(bench):
            for name in options.only.split(","):
                bench.say(f"{name} ...")
                try:
                    rows += measures.ALL[name](bench)
                except (SetupError, OSError, ValueError, KeyError, subprocess.SubprocessError) as error:
                    bench.say(f"{name}: not measured: {error!r}")
                    rows.append(Row(name, "-", met=lambda _: False))
    kind = "quick" if options.quick else "full"
    print(f"Kernel {platform.release()}, {os.cpu_count()} processors, {kind} run.\n")
    print_table(rows)
    return 1 if options.check and any(row.verdict not in ("", "met") for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs services that nobody instrumented under the real agent and judges its links by numbers in the URLs.

usage: run.py [--cell go/seq/w5/16 ...] [--runtime go ...] [--only '*/w5/16' ...] [--quick] [--suture BINARY] [--out FILE] [--record DIR]
       run.py --replay DIR [--suture BINARY]      recordings of a run with --record, linked and judged again, without root

A cell is RUNTIME/SHAPE/wWORK_MS/IN_FLIGHT (see cells.py and services.py; --list shows all). Without --cell and --runtime:
the whole grid, or the chosen few of quick.txt with --quick, which fails on what that file says.
"""

import argparse
import os
import platform
import shlex
import subprocess
import sys
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# The end-to-end suite's machinery (Scene, Agent, spans) serves here too.
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import cells  # noqa: E402
from cells import Cell, parse  # noqa: E402
from install import Installer  # noqa: E402
from polling import Timeout  # noqa: E402
from quick import bars, failures  # noqa: E402
from report import notes_of, report, three  # noqa: E402
from required import is_required  # noqa: E402
from scene import Skip  # noqa: E402
from services import RUNTIMES  # noqa: E402
from stage import RECORDING, perform, perform_again  # noqa: E402

BARS = "bars.txt"  # of a folder of recordings, as quick.txt
SKIPPED = 77  # CMake: SKIP_RETURN_CODE


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cell", action="append", default=[], help="one cell; may be given several times")
    parser.add_argument("--runtime", action="append", default=[], choices=RUNTIMES, help="all cells of it")
    parser.add_argument("--only", action="append", default=[], help="of these cells those whose names match a shell pattern")
    parser.add_argument("--quick", action="store_true", help="the cells of quick.txt, with fewer requests and with bars")
    parser.add_argument("--links", type=int, help="true links per cell after the cold ones")
    parser.add_argument("--list", action="store_true", help="print the names of all cells")
    parser.add_argument("--suture", default=os.environ.get("SUTURE_BIN", ROOT / "build" / "suture"))
    parser.add_argument("--build", default=ROOT / "build" / "tests" / "truth", help="our own programs, and the cache")
    parser.add_argument("--hooks", default="auto")
    parser.add_argument("--agent-option", action="append", default=[], help="passed to suture run, e.g. --agent-option=--quiet")
    parser.add_argument("--out", type=Path, help="also write the tables here")
    parser.add_argument("--record", type=Path, help="keep the raw events of each cell in this folder")
    parser.add_argument("--replay", type=Path, help="judge what --record kept there")
    parser.add_argument("--keep", action="store_true", help="keep spans, ledger and logs, and say where")
    return parser.parse_args()


def cells_of(runtime):
    return [Cell(runtime, *place) for place in RUNTIMES[runtime].grid]


def chosen(options):
    if options.quick:
        return list(bars())
    if options.cell:
        return [parse(name) for name in options.cell]
    grid = [cell for name in options.runtime or RUNTIMES for cell in cells_of(name)]
    return [cell for cell in grid if not options.only or any(fnmatch(str(cell), pattern) for pattern in options.only)]


def say(words):
    print(words, file=sys.stderr, flush=True)


def perform_all(works):
    """`works`: (cell's name, runtime, work). The outcomes, and a sentence for each that came to nothing."""
    outcomes, problems, missing = [], [], set()
    for name, runtime, work in works:
        if runtime in missing:
            continue
        try:
            outcomes.append(work())
            say(f"  {name}: {report_line(outcomes[-1])}")
        except Skip as skip:
            missing.add(runtime)
            say(f"  {runtime}: skipped: {skip}")
            if is_required(skip.needs):
                problems.append(f"{runtime}: {skip.needs} is missing, though required.txt lists it")
        except (Timeout, RuntimeError, OSError, subprocess.SubprocessError) as error:
            problems.append(f"{name}: {error}")
            say(f"  {problems[-1]}")
    return outcomes, problems


def report_line(outcome):
    return f"{three(outcome.score.warm)}  first 200: {three(outcome.score.cold)}  {notes_of(outcome)}"


def live(wanted, options):
    links = options.links or (cells.QUICK_LINKS if options.quick or options.cell else cells.LINKS)
    minutes = sum(cell.seconds(links) for cell in wanted) / 60
    say(f"{len(wanted)} cells, {links} links each after the first {cells.COLD_REQUESTS} requests: about {minutes:.1f} minutes")
    installer = Installer(options.build)
    for cell in wanted:
        yield cell, cell.runtime, partial(perform, cell, links, installer, options)


def recorded(options):
    for recording in sorted(options.replay.glob(f"*{RECORDING}*")):
        yield recording.name, None, partial(perform_again, recording, options)


def main():
    options = parse_options()
    wanted = chosen(options)
    if options.list:
        print("\n".join(map(str, wanted)))
        return 0
    if options.replay:
        works = recorded(options)
    elif os.geteuid() == 0:
        works = live(wanted, options)
    else:
        say("truth: the agent needs root")
        return SKIPPED
    outcomes, problems = perform_all(works)
    text = report(outcomes)
    print(text)
    if options.out:
        command = shlex.join(["tests/truth/run.py", *sys.argv[1:]])
        options.out.write_text(f"Made by `{command}` on Linux {platform.release().split('-')[0]}, {os.cpu_count()} processors.\n\n{text}\n")
    if options.quick or options.replay:
        beside = options.replay and options.replay / BARS
        problems += failures(outcomes, bars(beside) if beside and beside.exists() else bars())
    for problem in problems:
        say(f"FAILED {problem}")
    return 1 if problems else 0 if outcomes else SKIPPED


if __name__ == "__main__":
    sys.exit(main())

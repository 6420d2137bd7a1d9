#!/usr/bin/env python3
"""Real backends (make test-backends): one agent captures the demo shop's traffic and sends the same traces to all of them at
once; each is asked for them by its own query API, and what it says is held against the agent's --otlp-file. Then the Collector
configurations of deploy/collector/, and with Jaeger as the backend: a Prometheus whose exemplars lead there, and traces that
services with and without an SDK make together.

usage: run.py [--suture BINARY] [--build DIRECTORY] [NAME...]     NAME: jaeger otelcol tempo zipkin tiers prometheus chains context
(all), or one of context alone, as context:go or context:go:rewrite

What cannot be had on this host is left out, which a line at the end says. Exit status 0 only if all others agree, 77 if there
is none.
"""
import argparse
import functools
import itertools
import pathlib
import sys
import traceback

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parent.parent / "build"
sys.path[:0] = [str(HERE.parent.parent / "demo"), str(HERE.parent / "e2e")]

import backends  # noqa: E402
import chains  # noqa: E402
import context  # noqa: E402
import exemplars  # noqa: E402
import same_spans  # noqa: E402
import tiers  # noqa: E402
from polling import Timeout  # noqa: E402
from scene import Failure, Scene, Skip  # noqa: E402

SKIPPED = 77  # CMake: SKIP_RETURN_CODE
# Each with a scene of its own.
STAGED = {"prometheus": exemplars.run, "chains": chains.run,
          **{f"context:{runtime}:{way}": functools.partial(context.run, runtime=runtime, way=way) for runtime in context.RUNTIMES for way in context.WAYS}}
NEEDS = {"tiers": ["otelcol"], "prometheus": ["jaeger"], "chains": ["jaeger", "otelcol"], "context": ["jaeger", "otelcol"]}  # the others: themselves


def on_its_scene(options, name):
    """Whether all was right; raises Skip."""
    scene, good = Scene(options.suture, "auto", options.build), False
    try:
        STAGED[name](scene)
        good = True
    except (Failure, Timeout) as failure:
        print(f"{name}: FAILED: {failure}")
    except Skip:
        raise
    except Exception:  # one that breaks down does not keep the others from running
        print(f"{name}: FAILED:")
        traceback.print_exc()
    finally:
        scene.close(keep=not good)
    return good


def is_there(name):
    return all([backends.have(needed) for needed in NEEDS.get(name.partition(":")[0], [name])])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suture", default=BUILD / "suture")
    parser.add_argument("--build", default=BUILD / "tests" / "e2e", help="where the services of tests/e2e are")
    parser.add_argument("name", nargs="*")
    options = parser.parse_args()
    names = [each.name for each in backends.ALL] + ["tiers", *STAGED]
    meant = {asked: [name for name in names if f"{name}:".startswith(f"{asked}:")] for asked in options.name or names}
    if not all(meant.values()):
        parser.error(f"there are {', '.join(names)}")
    wanted = list(dict.fromkeys(itertools.chain(*meant.values())))
    absent = {name: "why stands above" for name in wanted if not is_there(name)}

    good = True
    if classes := [each for each in backends.ALL if each.name in wanted and each.name not in absent]:
        good = same_spans.check(options.suture, classes)
    if "tiers" in wanted and "tiers" not in absent:
        good = tiers.check() and good
    for name in STAGED:
        if name in wanted and name not in absent:
            try:
                good = on_its_scene(options, name) and good
            except Skip as skip:
                absent[name] = skip
    for name, why in sorted(absent.items()):
        print(f"NOT TESTED: {name} cannot be had on this host; {why}")
    print(f"{len(wanted) - len(absent)} of {len(wanted)} tested: {'all agree' if good else 'THERE ARE DIFFERENCES'}")
    return 1 if not good else SKIPPED if len(absent) == len(wanted) else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs one end-to-end case under the real agent.

usage: run.py CASE[:ARGUMENT] [--hooks MECHANISM] [--suture BINARY] [--build DIRECTORY] [--keep]

A case is a file of cases/ with a function run(scene, argument); it raises Failure, or Skip where the host lacks
something. Exit code 77 is a skip, unless tests/required.txt lists what is missing. SUTURE_BIN overrides --suture.
"""

import argparse
import importlib
import os
import signal
import sys
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from polling import Timeout  # noqa: E402
from required import is_required  # noqa: E402
from scene import Failure, Scene, Skip  # noqa: E402

SKIPPED = 77  # CMake: SKIP_RETURN_CODE


def run_case(scene, case, argument):
    if os.geteuid() != 0:
        raise Skip("the agent needs root")
    if not Path(scene.binary).exists():
        raise Failure(f"no agent at {scene.binary}: build it, or set SUTURE_BIN")
    cases = sorted(path.stem for path in (HERE / "cases").glob("*.py"))
    if case not in cases:
        raise Failure(f"there is no such case; there are {', '.join(cases)}")
    importlib.import_module("cases." + case).run(scene, argument)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case")
    parser.add_argument("--hooks", default="auto")
    parser.add_argument("--suture", default=HERE.parent.parent / "build" / "suture")
    parser.add_argument("--build", default=HERE.parent.parent / "build" / "tests" / "e2e")
    parser.add_argument("--keep", action="store_true", help="keep logs and spans, and say where")
    options = parser.parse_args()
    case, _, argument = options.case.partition(":")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(f"{options.case}: told to end"))  # and so through what cleans up
    scene = Scene(os.environ.get("SUTURE_BIN", options.suture), options.hooks, options.build)
    result = 1
    try:
        run_case(scene, case.replace("-", "_"), argument)
        result = 0
    except Skip as skip:
        result = 1 if is_required(skip.needs) else SKIPPED
        print(f"{'missing, though required.txt lists it' if result == 1 else 'skipped'}: {skip}")
    except (Failure, Timeout) as failure:
        print(f"FAILED {options.case} with {options.hooks}: {failure}")
    except Exception:
        traceback.print_exc()
    finally:
        scene.close(keep=options.keep or result == 1)
    return result


if __name__ == "__main__":
    sys.exit(main())

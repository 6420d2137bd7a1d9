# Sourced by the tests of deploy/: where things are, and what happens when a tool is not there.
# shellcheck shell=sh
set -eu
PATH=$PATH:/usr/sbin:/sbin
tests=$(cd "$(dirname "$0")/.." && pwd)
repo=$(dirname "$tests")
export repo

say() { echo "$*" >&2; }
fail() { say "FAILED: $*"; exit 1; }
# 77 is ctest's SKIP_RETURN_CODE of these tests.
skip() { say "skipped: $*"; exit 77; }

# need PROGRAM: a skip without it, or a failure if tests/required.txt says that it must be here.
need() {
  command -v "$1" >/dev/null && return
  if sed 's/[ #].*//' "$tests/required.txt" | grep -qx "$1"; then
    fail "$1 is not on PATH, and tests/required.txt says it must be: run 'scripts/setup test'"
  fi
  skip "$1 is not on PATH"
}

# expect_rejected WHAT COMMAND...: a check that accepts everything checks nothing, so each is shown one bad input.
expect_rejected() {
  what=$1
  shift
  if "$@" >/dev/null 2>&1; then fail "$1 accepted $what"; fi
}

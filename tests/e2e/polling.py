"""Waiting for a condition with a deadline: the only way anything here waits."""

import os
import time

PATIENCE = float(os.environ.get("SUTURE_E2E_PATIENCE", 1))  # all deadlines are so many times as long: emulated processors are slow (tests/vm)
POLL_SECONDS = 0.01  # short against what is waited for, long enough to leave the CPU to it


class Timeout(Exception):
    pass


def wait_until(condition, seconds, what):
    """Returns the first true value of `condition()`, asked again and again; Timeout after `seconds`."""
    seconds *= PATIENCE
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise Timeout(f"waited {seconds:g} s for {what}")
        time.sleep(POLL_SECONDS)

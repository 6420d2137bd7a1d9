"""Waiting for a condition with a deadline: the only way anything here waits."""

import time

POLL_SECONDS = 0.01  # short against what is waited for, long enough to leave the CPU to it


class Timeout(Exception):
    pass


def wait_until(condition, seconds, what):
    """Returns the first true value of `condition()`, asked again and again; Timeout after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise Timeout(f"waited {seconds} s for {what}")
        time.sleep(POLL_SECONDS)

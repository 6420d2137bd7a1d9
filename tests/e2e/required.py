"""What a host must have for the tests (required.txt): where it is missing, a test fails that would skip otherwise."""

from pathlib import Path

REQUIRED = Path(__file__).resolve().parent.parent / "required.txt"


def is_required(name):
    lines = REQUIRED.read_text().splitlines() if REQUIRED.exists() else []
    return name in {line.split("#")[0].strip() for line in lines} - {""}

"""The quick run's cells and bars, from quick.txt."""

from pathlib import Path

from cells import parse

FILE = Path(__file__).parent / "quick.txt"
NO_BAR = (0, 0)  # of a recording that is not one of the quick run's: right or nothing


def bars(file=FILE):
    """{cell: (floor of correct in %, wrong links allowed)}"""
    lines = [line.split() for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return {parse(name): (float(floor), int(wrong)) for name, floor, wrong in lines}


def failures(outcomes, bars):
    """As sentences. A cell that lost events is held to its bars like any other: its notes say why it missed them."""
    for outcome in outcomes:
        floor, allowed = bars.get(outcome.cell, NO_BAR)
        warm, wrong = outcome.score.warm, outcome.score.all.all_wrong
        if wrong > allowed:
            yield f"{outcome.cell}: {wrong} wrong links, {allowed} allowed ({'; '.join(outcome.notes)})"
        if warm.percent(warm.correct) < floor:
            share = f"{warm.percent(warm.correct):.1f} % correct"
            yield f"{outcome.cell}: {share}, the floor is {floor} ({'; '.join(outcome.notes)})"

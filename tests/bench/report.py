"""Rows of the cost table, as Markdown."""

import dataclasses
import statistics


def number(value):
    if value is None:
        return "-"
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) < 10 else f"{value:.1f}"


def spread(values, sign=False):
    """Median and range; `sign` for differences."""
    if not values:
        return "-"
    median = statistics.median(values)
    text = ("+" if sign and median >= 0 else "") + number(median)
    if len(values) > 1:
        text += f" ({number(min(values))} .. {number(max(values))})"
    return text


@dataclasses.dataclass
class Row:
    """One line. `judged` are the values that the bar is about, one per round; `met` takes their median."""

    what: str
    ours: str
    classic: str = "-"
    judged: list = dataclasses.field(default_factory=list)
    bar: str = ""
    met: object = None

    @property
    def verdict(self):
        if self.met is None:
            return ""
        if not self.judged:
            return "not measured"
        return "met" if self.met(statistics.median(self.judged)) else "MISSED"

    def line(self):
        judged = spread(self.judged) if self.met else ""
        return f"| {self.what} | {self.ours} | {self.classic} | {judged} | {self.bar} | {self.verdict} |"


def print_table(rows):
    print("| what (median, range) | ours | classic probe | against the bar | bar | |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print(row.line(), flush=True)

"""The Markdown table of the outcomes, and what it holds against the bars."""

from collections import defaultdict

from judge import Tally, upper_bound

HEAD = ("cell", "requests", "links", "correct", "orphan", "wrong", "first 200", "exact traces", "by method", "notes")


def three(tally):
    """correct/orphan/wrong. Wrong counts calls of the background that got a parent."""
    return "/".join(f"{tally.percent(n):.1f}" for n in (tally.correct, tally.orphan, tally.all_wrong))


def methods_of(score):
    found = defaultdict(lambda: [0, 0])
    for (method, verdict), count in score.methods.items():
        found[method][verdict != "correct"] += count
    return ", ".join(f"{name} {right}" + (f" ({wrong} wrong)" if wrong else "")
                     for name, (right, wrong) in sorted(found.items()))


def notes_of(outcome):
    notes, score = list(outcome.notes), outcome.score
    if score.all.roots + score.all.false_parent:
        notes.append(f"{score.all.false_parent} of {score.all.roots + score.all.false_parent} calls without a cause have a parent")
    if score.hinted:
        notes.append(f"span links of orphans: {score.hinted['right']} right, {score.hinted['wrong']} wrong")
    return "; ".join(notes)


def row(outcome):
    warm, score = outcome.score.warm, outcome.score
    shares = [f"{warm.percent(n):.1f}" for n in (warm.correct, warm.orphan, warm.all_wrong)]
    exact = f"{100 * score.exact / score.requests:.1f}" if score.requests else "-"
    return [str(outcome.cell), score.requests, warm.links, *shares, three(score.cold), exact, methods_of(score),
            notes_of(outcome)]


def table(rows):
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in [HEAD, ["---"] * len(HEAD), *rows])


def by_runtime(outcomes):
    tallies = defaultdict(Tally)
    for outcome in outcomes:
        tallies[outcome.cell.runtime] += outcome.score.all
    lines = ["| runtime | links | correct | orphan | wrong | wrong at most |", "|" + " --- |" * 6]
    for name, tally in tallies.items():
        shares = " | ".join(f"{tally.percent(n):.2f} %" for n in (tally.correct, tally.orphan, tally.all_wrong))
        bound = f"{100 * upper_bound(tally.all_wrong, tally.trials):.3f} %" if tally.trials else "-"
        lines.append(f"| {name} | {tally.links} | {shares} | {bound} |")
    return "\n".join(lines)


EXPLANATION = """\
A cell is RUNTIME/SHAPE/wWORK_MS/IN_FLIGHT. Correct, orphan, wrong: in % of the client spans that have a true parent, without
those of a process's first 200 requests, which stand apart. A background call that was given a parent counts as wrong.
Exact traces: all calls of the request, and no others, are below it. Wrong at most: Clopper-Pearson, one-sided 95 %, over
all calls, the first ones too."""


def report(outcomes):
    return "\n\n".join([table(map(row, outcomes)), by_runtime(outcomes), EXPLANATION])

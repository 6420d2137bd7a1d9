"""What the bench says of a run besides the verdicts: what was lost, what is missing, which bars are not met."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "e2e")]

from cells import Cell, parse  # noqa: E402
from judge import Score, Tally  # noqa: E402
from quick import bars, failures  # noqa: E402
from services import RUNTIMES  # noqa: E402
from stage import Outcome, Place, gaps, losses  # noqa: E402

CELL = parse("go/seq/w5/16")


class Cells(unittest.TestCase):
    def test_a_name_is_a_cell_and_back(self):
        self.assertEqual(CELL, Cell("go", "seq", 5, 16))
        self.assertEqual(str(CELL), "go/seq/w5/16")
        self.assertRaises(ValueError, parse, "go/sideways/w5/16")

    def test_every_cell_of_the_quick_run_is_one_of_the_grid(self):
        for cell in bars():
            self.assertIn((cell.shape_name, cell.work_ms, cell.in_flight), RUNTIMES[cell.runtime].grid, cell)


class Bars(unittest.TestCase):
    def failures(self, floor, allowed, **score):
        return list(failures([Outcome(CELL, Score(**score), [])], {CELL: (floor, allowed)}))

    def test_hold_where_they_are_just_met(self):
        self.assertEqual(self.failures(50, 1, warm=Tally(correct=1, wrong=1)), [])

    def test_fall_with_one_wrong_link_too_many_whether_cold_or_of_the_background(self):
        self.assertEqual(len(self.failures(0, 1, warm=Tally(wrong=1), cold=Tally(false_parent=1))), 1)

    def test_fall_with_too_few_correct_links_of_those_that_are_not_cold(self):
        self.assertEqual(len(self.failures(51, 0, warm=Tally(correct=1, orphan=1), cold=Tally(correct=9))), 1)

    def test_allow_no_wrong_link_where_none_is_set(self):
        score = Score(warm=Tally(correct=1, wrong=1))
        self.assertEqual(len(list(failures([Outcome(CELL, score, [])], {}))), 1)


class Gaps(unittest.TestCase):
    def losses(self, events=None, requests=None, delivered=None):
        part = lambda dropped: {"dropped": dropped or {}}
        return losses({"events": {**part(events), "lost": {"connections_evicted": 0}}, "requests": part(requests), "spans": part({"probe": 9}),
                       "deliveries": {"jsonl": part(delivered)}})

    def test_a_ledger_that_lost_nothing_says_nothing(self):
        self.assertEqual(self.losses({"ring_full": 0}, {"unended": 3}), [])

    def test_what_a_ledger_lost_is_said_with_its_reason(self):
        self.assertEqual(self.losses({"ring_full": 3, "shed": 2}, {"hole": 1}, {"write": 4}),
                         ["lost 3 events: ring_full", "lost 2 events: shed", "lost 1 requests: hole", "lost 4 spans at jsonl: write"])

    def gaps(self, cell, score, **counted):
        return list(gaps(cell, score, **{"ok": 5, "failed": 0, "served": 10, **counted}))

    def test_spans_that_agree_with_the_counts_leave_none(self):
        self.assertEqual(self.gaps(CELL, Score(requests=5, calls=10)), [])

    def test_each_count_that_differs_is_one(self):
        score = Score(requests=4, calls=9, unknown=2)
        self.assertEqual(len(self.gaps(CELL, score, failed=1)), 4)

    def test_calls_of_the_background_are_not_missed_before_the_agent_came(self):
        cell = parse("go/background/w5/16")
        score = Score(requests=5, calls=12, warm=Tally(orphan=10, roots=2))
        self.assertEqual(self.gaps(cell, score, served=99), [])


class Recordings(unittest.TestCase):
    def test_know_the_place_of_their_traffic(self):
        with tempfile.TemporaryDirectory() as folder:
            place = Place(CELL, 8000, [9001, 9002], 7)
            _, recording = place.record_options(Path(folder) / "new")
            self.assertEqual(Place.read(Path(recording)), place)


if __name__ == "__main__":
    unittest.main()

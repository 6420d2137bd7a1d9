"""The judge counts what it should: made spans of which every verdict is known."""

import sys
import unittest
from dataclasses import replace
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "e2e")]

from judge import BACKGROUND_BELOW, MODULUS, MULTIPLIER, PROXIED, Tally, called, judge, upper_bound  # noqa: E402
from span import Span  # noqa: E402

PORT, NEXT = 8000, (9001, 9002)
NUMBER = 123_456_789


def derived(number, call):
    return number * MULTIPLIER**call % MODULUS


def server(number, span_id, pid=1, start=10):
    return Span("server", pid, "s", "GET", f"/seq/{number}", 200, None, "a" * 32, span_id, "", start, start + 9,
                {"server.port": PORT})


def call(number, span_id, parent_id="", pid=1, method="thread", port=NEXT[0], start=12):
    attributes = {"network.peer.port": port}
    if parent_id:
        attributes["suture.link.method"] = method
    return Span("client", pid, "s", "GET", f"/r/{number}", 200, None, "a" * 32, span_id, parent_id, start, start + 1, attributes)


S = server(NUMBER, "s1")
OTHER = server(NUMBER + 1, "s2")
FIRST, SECOND = call(derived(NUMBER, 1), "c1", "s1"), call(derived(NUMBER, 2), "c2", "s1", port=NEXT[1])


class Judge(unittest.TestCase):
    def score(self, *spans, factors=called(2), cold=0):
        return judge(list(spans), PORT, NEXT, factors, cold)

    def test_counts_right_links_as_correct_and_their_request_as_exact(self):
        score = self.score(S, FIRST, SECOND)
        self.assertEqual(score.warm, Tally(correct=2))
        self.assertEqual((score.requests, score.calls, score.exact, score.unknown), (1, 2, 1, 0))

    def test_counts_a_missing_link_as_orphan_and_its_request_as_inexact(self):
        score = self.score(S, FIRST, replace(SECOND, parent_id=""))
        self.assertEqual(score.warm, Tally(correct=1, orphan=1))
        self.assertEqual(score.exact, 0)

    def test_counts_a_link_to_another_request_as_wrong_and_spoils_both_requests(self):
        score = self.score(S, OTHER, FIRST, replace(SECOND, parent_id="s2"))
        self.assertEqual(score.warm, Tally(correct=1, wrong=1))
        self.assertEqual(score.exact, 0)

    def test_counts_a_link_to_a_span_that_is_not_there_as_wrong(self):
        self.assertEqual(self.score(S, replace(FIRST, parent_id="nowhere")).warm, Tally(wrong=1))

    def test_expects_background_calls_to_be_roots(self):
        root, linked = call(1, "b1"), call(BACKGROUND_BELOW - 1, "b2", "s1")
        score = self.score(S, FIRST, root, linked)
        self.assertEqual(score.warm, Tally(correct=1, roots=1, false_parent=1))
        self.assertEqual((score.warm.links, score.warm.all_wrong, score.warm.trials), (1, 1, 3))
        self.assertEqual(score.exact, 0)

    def test_knows_no_cause_in_another_process(self):
        score = self.score(S, replace(FIRST, pid=2, parent_id=""))
        self.assertEqual((score.warm.links, score.unknown), (0, 1))

    def test_counts_a_parent_as_wrong_where_the_cause_has_no_span(self):
        score = self.score(OTHER, replace(FIRST, parent_id="s2"))
        self.assertEqual((score.warm, score.unknown), (Tally(false_parent=1), 1))

    def test_leaves_a_parent_alone_that_was_lost_like_the_cause(self):
        score = self.score(OTHER, FIRST)
        self.assertEqual((score.warm, score.unknown), (Tally(), 1))

    def test_expects_one_trace_of_an_exact_request(self):
        self.assertEqual(self.score(S, replace(FIRST, trace_id="b" * 32)).exact, 0)

    def test_ignores_the_traffic_of_others(self):
        other = replace(S, attributes={"server.port": 1}, span_id="s9")
        score = self.score(S, FIRST, other, replace(FIRST, attributes={"network.peer.port": 1}))
        self.assertEqual((score.requests, score.calls), (1, 1))

    def test_scores_the_first_requests_of_each_process_apart(self):
        later = server(NUMBER + 1, "s2", start=30)
        calls = [FIRST, call(derived(NUMBER + 1, 1), "c3", "s2", start=11), call(1, "b1", start=29), call(2, "b2", start=30)]
        score = self.score(S, later, *calls, cold=1)
        self.assertEqual(score.cold, Tally(correct=1, roots=1))
        self.assertEqual(score.warm, Tally(correct=1, roots=1))
        self.assertEqual(self.score(S, *calls[:1], cold=1).cold, Tally(correct=1))

    def test_lets_a_proxy_keep_the_number(self):
        self.assertEqual(self.score(S, call(NUMBER, "c1", "s1"), factors=PROXIED).warm, Tally(correct=1))

    def test_tells_methods_and_span_links_of_orphans(self):
        wrong = replace(SECOND, parent_id="s2", attributes={**SECOND.attributes, "suture.link.method": "order"})
        score = self.score(S, OTHER, FIRST, wrong)
        self.assertEqual(score.methods, {("thread", "correct"): 1, ("order", "wrong"): 1})
        orphans = [replace(FIRST, parent_id="", links=("s1",)), replace(SECOND, parent_id="", links=("s2",))]
        self.assertEqual(self.score(S, OTHER, *orphans).hinted, {"right": 1, "wrong": 1})


class UpperBound(unittest.TestCase):
    def test_agrees_with_the_closed_form_where_nothing_was_wrong(self):
        self.assertAlmostEqual(upper_bound(0, 2000), 1 - 0.05 ** (1 / 2000), places=9)

    def test_agrees_with_published_values(self):
        # Clopper and Pearson: one-sided 95 % (two-sided 90 %) limits of 1 of 10 and of 5 of 10.
        self.assertAlmostEqual(upper_bound(1, 10), 0.3942, places=4)
        self.assertAlmostEqual(upper_bound(5, 10), 0.7776, places=4)
        self.assertEqual(upper_bound(10, 10), 1.0)


if __name__ == "__main__":
    unittest.main()

"""The harness finds every kind of difference that it is there to find, and nothing where there is none."""

import json
import tempfile
import unittest
from dataclasses import replace
from pathlib import Path

from compare import compare
from ledger import check_ledger
from response import Cut, ResponseReader
from span import Span, read_spans
from truth import End, Hop, read_log

TRACE = "a" * 32
CLIENT = Span("client", 1, "c", "GET", "/tok-1", 200, None, TRACE, "1" * 16, "", 10, 40, {})
SERVER = Span("server", 2, "s", "GET", "/tok-1", 200, None, TRACE, "2" * 16, "1" * 16, 20, 30, {})
HOP = Hop("hop", [End(1, "GET", "/tok-1", 200)], [End(2, "GET", "/tok-1", 200)])


class Compare(unittest.TestCase):
    def problems(self, *spans, hop=HOP):
        return compare(list(spans), [hop], "tok")

    def test_accepts_spans_that_agree_with_the_truth(self):
        self.assertEqual(self.problems(CLIENT, SERVER), [])

    def test_ignores_the_traffic_of_others(self):
        self.assertEqual(self.problems(CLIENT, SERVER, replace(SERVER, pid=9, path="/other", span_id="9" * 16)), [])

    def test_finds_each_difference_once(self):
        for name, spans in {
            "missing": [CLIENT],
            "span id used twice": [CLIENT, replace(SERVER, span_id=CLIENT.span_id)],
            "2 spans": [CLIENT, SERVER, replace(SERVER, span_id="3" * 16)],
            "nobody sent": [CLIENT, SERVER, replace(SERVER, path="/tok-2", span_id="3" * 16)],
            "nobody": [CLIENT, SERVER, replace(SERVER, path="/", span_id="3" * 16)],
            "method": [CLIENT, replace(SERVER, method="PUT")],
            "status": [CLIENT, replace(SERVER, status=404)],
            "error.type": [CLIENT, replace(SERVER, error="500")],
            "not joined": [CLIENT, replace(SERVER, parent_id="4" * 16)],
            "before its client": [CLIENT, replace(SERVER, start=9)],
            "after its client": [CLIENT, replace(SERVER, end=41)],
            "before it starts": [CLIENT, replace(SERVER, end=19)],
            "wrong length": [CLIENT, replace(SERVER, span_id="2")],
        }.items():
            with self.subTest(name):
                problems = self.problems(*spans)
                self.assertEqual(len(problems), 1, problems)
                self.assertIn(name, problems[0])

    def test_finds_exchanged_answers(self):
        hop = Hop("hop", [End(1, "GET", "/tok-1", 200), End(1, "GET", "/tok-2", 404)])
        spans = [replace(CLIENT, status=404, error="404"), replace(CLIENT, path="/tok-2", span_id="5" * 16)]
        self.assertEqual(len(self.problems(*spans, hop=hop)), 4)

    def test_expects_errors_by_kind_and_status(self):
        for status, client, server in ((200, False, False), (404, True, False), (500, True, True), (None, True, True)):
            end = End(1, "GET", "/", status)
            self.assertEqual((end.expects_error("client"), end.expects_error("server")), (client, server))


class Files(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.path = Path(holder.name) / "file"

    def test_reads_spans_and_leaves_a_line_that_is_being_written(self):
        text = lambda key, value: {"key": key, "value": {"stringValue": value}}
        line = json.dumps({"resourceSpans": [{
            "resource": {"attributes": [text("service.name", "c"), {"key": "process.pid", "value": {"intValue": "1"}}]},
            "scopeSpans": [{"spans": [{
                "traceId": TRACE, "spanId": "1" * 16, "name": "GET", "kind": 3, "startTimeUnixNano": "10",
                "endTimeUnixNano": "40", "attributes": [
                    text("http.request.method", "GET"), text("url.full", "http://h:1/tok-1?q=1"),
                    {"key": "http.response.status_code", "value": {"intValue": "200"}}]}]}]}]})
        self.path.write_text(line + "\n" + line[:50])
        self.assertEqual([replace(span, attributes={}) for span in read_spans(self.path)], [CLIENT])

    def test_reads_logs_without_requests_that_have_only_begun(self):
        self.path.write_text("7 GET /a begun\n7 GET /a 200 502\n7 PUT /b -\n7 GET /half")
        self.assertEqual(read_log(self.path), [End(7, "GET", "/a", 200), End(7, "PUT", "/b", None)])

    def test_holds_the_ledger_to_each_equation(self):
        whole = {"events": {"seen": 5, "emitted": 3, "dropped": {"ring full": 2}},
                 "spans": {"made": 4, "exported": 3, "held": 0, "dropped": {"a": 1}},
                 "deliveries": {"jsonl": {"queued": 3, "accepted": 3, "waiting": 0, "dropped": {}}}}
        for part, key in ((None, None), ("events", "seen"), ("events", "emitted"), ("spans", "made")):
            ledger = json.loads(json.dumps(whole))
            if part:
                ledger[part][key] += 1
            self.path.write_text(json.dumps(ledger))
            self.assertEqual(len(check_ledger(self.path, 3)), 1 if part else 0)
        self.assertEqual(len(check_ledger(self.path, 2)), 2)  # the last ledger, and a span short in the file


class Responses(unittest.TestCase):
    STREAM = (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
              b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nA: b\r\n\r\n"
              b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"
              b"HTTP/1.0 500 Oh\r\n\r\nto the end")

    def test_frames_alike_however_the_stream_is_cut(self):
        for size in (1, 7, len(self.STREAM)):
            reader = ResponseReader()
            for method in ("POST", "GET", "HEAD", "GET", "GET"):
                reader.expect(method)
            for start in range(0, len(self.STREAM), size):
                reader.feed(self.STREAM[start:start + size])
            reader.end_of_stream()
            self.assertEqual([status for status, _ in reader.finished], [200, 200, 200, 304, 500])

    def test_says_what_was_known_of_a_response_that_was_cut(self):
        for stream, status in ((b"HTTP/1.1 2", None), (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", 200)):
            reader = ResponseReader()
            reader.expect("GET")
            reader.feed(stream)
            with self.assertRaises(Cut) as caught:
                reader.end_of_stream()
            self.assertEqual(caught.exception.status, status)


if __name__ == "__main__":
    unittest.main()

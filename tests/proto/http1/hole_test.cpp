// Lost bytes: what is dropped, where pairing starts again, and that nothing is ever paired by guess.
#include <gtest/gtest.h>

#include "dialogue.h"

namespace suture::http1 {
namespace {

using Observed = Dialogue::Observed;

class Http1Hole : public testing::TestWithParam<Observed> {
 protected:
  void TearDown() override {
    EXPECT_EQ(d.counters.requests.get(), d.counters.exchanges.get() + d.counters.dropped() + d.session.outstanding());
    EXPECT_EQ(d.counters.dropped(), d.dropped);
  }
  /// A plain exchange, seen whole.
  void exchange(const std::string& target) {
    d.client.send(get(target));
    d.server.send(kOk);
  }
  Dialogue d{GetParam()};
};

TEST_P(Http1Hole, ALostResponseDropsItsExchangeOnly) {
  exchange("/a");
  d.client.send(get("/b"));
  d.server.send_unseen(kOk.size());
  exchange("/c");
  EXPECT_EQ(d.seen(), "GET /a 200\nGET /c 200\n");
  EXPECT_EQ(d.counters.dropped_hole.get(), 1u);
  EXPECT_EQ(d.counters.resyncs.get(), 1u);
}

TEST_P(Http1Hole, ALostRequestMakesItsResponseNobodys) {
  exchange("/a");
  d.client.send_unseen(get("/b").size());
  d.server.send(ok(5));
  exchange("/c");
  EXPECT_EQ(d.seen(), "GET /a 200\nGET /c 200\n");
  EXPECT_EQ(d.counters.responses_without_request.get(), 1u);
  EXPECT_EQ(d.counters.holes.get(), 1u);
}

TEST_P(Http1Hole, ALostExchangeCostsNothingElse) {
  exchange("/a");
  d.client.send_unseen(get("/b").size());
  d.server.send_unseen(kOk.size());
  exchange("/c");
  EXPECT_EQ(d.seen(), "GET /a 200\nGET /c 200\n");
  EXPECT_EQ(d.counters.dropped_hole.get(), 0u);
}

TEST_P(Http1Hole, AHoleInARequestHeadDropsThatRequest) {
  exchange("/a");
  d.client.send("GET /b HTTP/1.1\r\nHost:");
  d.client.send_unseen(20);
  d.server.send(kOk);
  exchange("/c");
  EXPECT_EQ(d.seen(), "GET /a 200\nGET /c 200\n");
  EXPECT_EQ(d.begun.size(), 2u);
}

TEST_P(Http1Hole, AHoleInAResponseHeadDropsItsExchange) {
  d.client.send(get("/a"));
  d.server.send("HTTP/1.1 200 OK\r\nContent-");
  d.server.send_unseen(30);
  exchange("/b");
  EXPECT_EQ(d.seen(), "GET /b 200\n");
  EXPECT_EQ(d.counters.dropped_hole.get(), 1u);
}

TEST_P(Http1Hole, ARequestThatCannotHaveSeenTheAnswerShowsPipeliningAndIsNotPaired) {
  exchange("/a");
  d.client.send_unseen(get("/lost").size());
  d.client.send(get("/b"));
  d.server.send(kOk);  // of the lost one
  d.server.send(kOk);
  exchange("/c");
  EXPECT_EQ(d.seen(), "GET /a 200\n");
  EXPECT_EQ(d.counters.abandoned.get(), 1u);
  EXPECT_EQ(d.counters.requests_ignored.get(), 1u);
}

TEST_P(Http1Hole, APipelinedConnectionIsAbandonedAtItsFirstHole) {
  d.client.send(get("/a") + get("/b"));
  d.server.send(std::string(kOk));
  d.server.send_unseen(10);
  exchange("/c");
  exchange("/d");
  EXPECT_EQ(d.seen(), "GET /a 200\n");
  EXPECT_EQ(d.counters.dropped_hole.get(), 1u);
  EXPECT_EQ(d.counters.abandoned.get(), 1u);
  EXPECT_GT(d.counters.bytes_ignored.get(), 0u);
  EXPECT_EQ(d.session.heap_bytes(), 0u);
}

TEST_P(Http1Hole, UnseenRequestBytesBeforeAnAnswersEndShowPipelining) {
  for (const std::string_view answer : {"", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"}) {
    Dialogue e(GetParam());
    e.client.send(get("/a"));
    e.server.send(answer);
    e.client.send_unseen(40);
    e.client.send(get("/c"));
    e.server.send(kOk);
    EXPECT_EQ(e.seen(), "");
    EXPECT_EQ(e.counters.dropped_hole.get(), 1u);
    EXPECT_EQ(e.counters.abandoned.get(), 1u);
  }
}

TEST_P(Http1Hole, UnseenRequestsBeforeAnAnswerMakeLaterPairsUnsafe) {
  d.client.send(get("/a"));
  d.client.send_unseen(2 * get("/lost").size());
  d.server.send(kOk);
  d.client.send(get("/d"));
  d.server.send(kOk);  // of the first lost one
  EXPECT_EQ(d.seen(), "");
  EXPECT_EQ(d.counters.abandoned.get(), 1u);
}

TEST_P(Http1Hole, UnseenChunksOfAPipelinedAnswerMayHideTheNext) {
  d.client.send(get("/a") + get("/b"));
  d.server.send(kChunkedHead);
  d.server.send_unseen(5000);
  d.server.send_tail(3000, "\r\n0\r\n\r\n");
  d.sweep();
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "");
  EXPECT_EQ(d.counters.dropped_hole.get(), 2u);
}

TEST_P(Http1Hole, ARequestWithinAPipelinedAnswerOfUnknownEndMayBeAnsweredUnseen) {
  d.client.send(get("/a") + get("/b"));
  for (int i = 0; i < 2; ++i) d.server.send(kOk);
  d.client.send(get("/c"));
  d.server.send(kChunkedHead);
  d.server.send_unseen(5000);
  d.server.send("abc");
  d.client.send(get("/d"));
  d.server.send_tail(3000, "\r\n0\r\n\r\n");  // of the one answer or of the other
  exchange("/e");
  EXPECT_EQ(d.seen(), "GET /a 200\nGET /b 200\n");
  EXPECT_EQ(d.counters.abandoned.get(), 1u);
}

TEST_P(Http1Hole, AStartInAPipelinedAnswerOfUnknownEndIsNotTrusted) {
  d.client.send(get("/a") + get("/b"));
  d.server.send("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc");
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "");
  EXPECT_EQ(d.counters.dropped_hole.get(), 2u);
}

TEST_P(Http1Hole, AnUnaskedResponseOnAPipelinedConnectionShowsThatPairsAreShifted) {
  d.client.send(get("/a") + get("/b"));
  for (int i = 0; i < 3; ++i) d.server.send(kOk);
  exchange("/c");
  EXPECT_EQ(d.seen(), "GET /a 200\nGET /b 200\n");
  EXPECT_EQ(d.counters.abandoned.get(), 1u);
}

TEST_P(Http1Hole, AStartInAnUnansweredUploadOfUnknownEndIsNotTrusted) {
  d.client.send("POST /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
  d.client.send_unseen(5000);
  d.client.send(get("/body-or-request"));
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "");
  EXPECT_EQ(d.begun.size(), 1u);
  exchange("/c");
  EXPECT_EQ(d.seen(), "GET /c 200\n");
  EXPECT_EQ(d.counters.dropped_hole.get(), 1u);
}

TEST_P(Http1Hole, AStartInAnAnswerOfUnknownEndIsBody) {
  d.client.send(get("/a"));
  d.server.send(kChunkedHead);
  d.server.send_unseen(5000);
  d.server.send_as(BytesKind::Start, kOk);
  exchange("/b");
  EXPECT_EQ(d.seen(), "GET /a 200\nGET /b 200\n");
}

TEST_P(Http1Hole, GarbageWhereAMessageShouldBeginIsNotAMessage) {
  exchange("/a");
  d.client.send("\x16\x03\x01 not http");
  d.server.send(kOk);
  exchange("/b");
  EXPECT_EQ(d.seen(), "GET /a 200\nGET /b 200\n");
  EXPECT_EQ(d.counters.heads_invalid.get(), 1u);
}

TEST_P(Http1Hole, AResponseToHeadWithABodyBreaksNothingElse) {
  d.client.send("HEAD /h HTTP/1.1\r\n\r\n");
  d.server.send(ok(20));
  exchange("/b");
  EXPECT_EQ(d.seen(), "HEAD /h 200\nGET /b 200\n");
}

TEST_P(Http1Hole, AnUnaskedResponseIsIgnored) {
  exchange("/a");
  d.server.send("HTTP/1.1 408 Request Timeout\r\n\r\n");
  d.close();
  EXPECT_EQ(d.seen(), "GET /a 200\n");
  EXPECT_EQ(d.counters.responses_without_request.get(), 1u);
}

TEST_P(Http1Hole, AConnectionMetInTheMiddleIsPairedFromItsNextRequestOn) {
  d.client.skip_to(1 << 20);
  d.server.skip_to(1 << 24);
  d.server.send(ok(3));
  exchange("/a");
  exchange("/b");
  EXPECT_EQ(d.seen(), "GET /a 200\nGET /b 200\n");
  EXPECT_EQ(d.counters.responses_without_request.get(), 1u);
  EXPECT_EQ(d.counters.holes.get(), 0u);
}

TEST_P(Http1Hole, APipelinedConnectionMetInTheMiddleIsNotPaired) {
  d.client.skip_to(1 << 20);
  d.server.skip_to(1 << 24);
  d.client.send(get("/5") + get("/6"));  // 1 to 4 may be due
  for (int i = 0; i < 6; ++i) d.server.send(kOk);
  EXPECT_EQ(d.seen(), "");
  EXPECT_EQ(d.counters.abandoned.get(), 1u);
}

TEST_P(Http1Hole, ABodyMetInTheMiddleMayMisleadTheRoleOnlyUntilARealMessage) {
  d.client.skip_to(1 << 20);
  d.server.skip_to(1 << 24);
  d.server.send(get("/in-a-body"));
  exchange("/a");
  exchange("/b");
  EXPECT_EQ(d.seen(), "GET /a 200\nGET /b 200\n");
  EXPECT_EQ(d.counters.dropped_invalid.get(), 1u);
}

INSTANTIATE_TEST_SUITE_P(BothEnds, Http1Hole, testing::Values(Observed::Server, Observed::Client),
                         [](const auto& info) { return info.param == Observed::Server ? "Server" : "Client"; });

}  // namespace
}  // namespace suture::http1

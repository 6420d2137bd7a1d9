// Requests and responses on whole streams: which belong together, and where each message ends.
#include <gtest/gtest.h>

#include "dialogue.h"

namespace suture::http1 {
namespace {

TEST(Http1Pairing, GivesAnExchangeItsTimesPositionsAndProcess) {
  Dialogue d;
  d.client.send(get("/a"));  // at 1000
  d.server.send(ok(10));     // at 2000
  ASSERT_EQ(d.exchanges.size(), 1u);
  const Exchange& exchange = d.exchanges[0];
  EXPECT_EQ(exchange.connection, 7u);
  EXPECT_EQ(exchange.request_direction, Direction::Receive);
  EXPECT_EQ(exchange.request.begin_pos, 0u);
  EXPECT_EQ(exchange.request.begin_ns, 1000u);
  EXPECT_EQ(exchange.request.end_ns, 1000u);
  EXPECT_EQ(exchange.request.wait_ns, 17u);
  EXPECT_EQ(exchange.request.process, (ProcessKey{42, 1}));
  EXPECT_EQ(exchange.request.tid, 43u);
  EXPECT_EQ(exchange.response.begin_ns, 2000u);
  EXPECT_EQ(exchange.response.end_ns, 2000u);
  EXPECT_EQ(d.seen(), "GET /a 200\n");
}

TEST(Http1Pairing, AProcessThatSendsRequestsIsTheClient) {
  Dialogue d(Dialogue::Observed::Client);
  d.client.send(get("/a"));
  d.server.send(kOk);
  ASSERT_EQ(d.exchanges.size(), 1u);
  EXPECT_EQ(d.exchanges[0].request_direction, Direction::Send);
}

TEST(Http1Pairing, ARequestIsToldWhenItsHeadIsThere) {
  Dialogue d;
  d.client.send("POST /up HTTP/1.1\r\nContent-Length: 1000\r\n");
  EXPECT_TRUE(d.begun.empty());
  d.client.send("\r\n");
  EXPECT_EQ(d.begun, std::vector<std::string>{"/up"});
  EXPECT_EQ(d.session.outstanding(), 1u);
}

TEST(Http1Pairing, KeepsPipelinedResponsesInOrder) {
  for (const std::size_t depth : {std::size_t{16}, std::size_t{1000}}) {
    Dialogue d;
    std::string requests, responses, expected;
    for (std::size_t i = 0; i < depth; ++i) {
      requests += get("/" + std::to_string(i));
      responses += ok(i % 7);
      expected += "GET /" + std::to_string(i) + " 200\n";
    }
    d.client.send(requests);
    EXPECT_EQ(d.session.outstanding(), depth);
    d.server.send(responses);
    EXPECT_EQ(d.seen(), expected);
    EXPECT_LT(d.session.heap_bytes(), 100u);
  }
}

TEST(Http1Pairing, TooManyOutstandingRequestsEndTheTracking) {
  Dialogue d;
  for (std::size_t i = 0; i <= Session::kMaxOutstanding; ++i) d.client.send(get("/"));
  EXPECT_EQ(d.counters.dropped_too_many.get(), Session::kMaxOutstanding);
  EXPECT_EQ(d.dropped, Session::kMaxOutstanding);
  EXPECT_EQ(d.session.outstanding(), 0u);
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "");
}

TEST(Http1Pairing, ManyLargeHeadsEndTheTrackingSooner) {
  Dialogue d;
  const std::string big = "GET / HTTP/1.1\r\nCookie: " + std::string(12000, 'c') + "\r\n\r\n";
  std::size_t most = 0;
  for (int i = 0; i < 100; ++i) {
    d.client.send(big);
    most = std::max(most, d.session.heap_bytes());
  }
  EXPECT_LT(most, 2 * Session::kMaxOutstandingBytes);
  EXPECT_GT(d.counters.dropped_too_many.get(), 0u);
}

TEST(Http1Pairing, ResponsesWithoutABodyEndWithTheirHead) {
  Dialogue d;
  d.client.send("HEAD /h HTTP/1.1\r\n\r\n");
  d.server.send("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
  d.client.send(get("/n"));
  d.server.send(kNoContent);
  d.client.send(get("/m"));
  d.server.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n");
  EXPECT_EQ(d.seen(), "HEAD /h 200\nGET /n 204\nGET /m 304\n");
}

TEST(Http1Pairing, InformationalResponsesComeBeforeTheFinalOne) {
  Dialogue d;
  d.client.send("PUT /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  d.server.send("HTTP/1.1 100 Continue\r\n\r\n");
  d.client.send("abc");
  d.server.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n");
  ASSERT_EQ(d.exchanges.size(), 1u);
  EXPECT_EQ(d.exchanges[0].request.end_ns, 3000u);
  EXPECT_EQ(d.exchanges[0].response.begin_pos, 25u + 37u);
  EXPECT_EQ(d.seen(), "PUT /p 201\n");
  EXPECT_EQ(d.counters.informational.get(), 2u);
}

TEST(Http1Pairing, ABodyThatWasRefusedNeedNotCome) {
  Dialogue d;
  d.client.send("PUT /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3000\r\n\r\n");
  d.server.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
  d.client.send(get("/next"));
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "PUT /p 417\nGET /next 200\n");
}

TEST(Http1Pairing, ARefusedBodyThatCameNonethelessIsABody) {
  Dialogue d;
  const std::string body = get("/not-a-request");
  d.client.send("PUT /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: " + std::to_string(100 + body.size()) +
                "\r\n\r\n");
  d.server.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
  d.client.send_unseen(100);
  d.client.send(body);
  d.client.send(get("/next"));
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "PUT /p 417\nGET /next 200\n");
}

TEST(Http1Pairing, AnInvitedBodyIsABodyWhateverItLooksLike) {
  Dialogue d;
  const std::string body = get("/not-a-request");
  d.client.send("PUT /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n");
  d.server.send("HTTP/1.1 100 Continue\r\n\r\n");
  d.client.send(body);
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "PUT /p 200\n");
  EXPECT_EQ(d.begun.size(), 1u);
}

TEST(Http1Pairing, BodiesThatLookLikeMessagesAreBodies) {
  Dialogue d;
  const std::string fake_request = get("/fake");
  const std::string fake_response(kOk);
  d.client.send("POST /p HTTP/1.1\r\nContent-Length: " + std::to_string(2 * fake_request.size()) + "\r\n\r\n");
  d.client.send(fake_request);
  d.client.send_as(BytesKind::Start, fake_request);
  d.server.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(fake_response.size()) + "\r\n\r\n");
  d.server.send(fake_response);
  d.client.send("POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n18\r\n");
  d.client.send("GET /xxx HTTP/1.1\r\na:\r\n\r\n");
  d.client.send("\r\n0\r\n\r\n");
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "POST /p 200\nPOST /c 200\n");
  EXPECT_EQ(d.begun, (std::vector<std::string>{"/p", "/c"}));
  EXPECT_EQ(d.counters.holes.get(), 0u);
}

TEST(Http1Pairing, AnEarlyResponseEndsTheExchangeWhileTheBodyGoesOn) {
  Dialogue d;
  d.client.send("POST /up HTTP/1.1\r\nContent-Length: 300\r\n\r\n");
  d.client.send_unseen(100);
  d.server.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(d.seen(), "POST /up 413\n");
  d.client.send_unseen(200);
  d.client.send(get("/next"));
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "GET /next 200\n");
  EXPECT_EQ(d.counters.holes.get(), 0u);
}

TEST(Http1Pairing, AnUpgradeEndsTheTracking) {
  Dialogue d;
  d.client.send("GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  d.server.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x05hello");
  EXPECT_EQ(d.seen(), "GET /ws 101\n");
  d.client.send(get("/not-http-any-more"));
  d.server.send(kOk);
  d.close();
  EXPECT_EQ(d.seen(), "");
  EXPECT_EQ(d.counters.upgrades.get(), 1u);
  EXPECT_GT(d.counters.bytes_ignored.get(), 0u);
}

TEST(Http1Pairing, ASuccessfulConnectBecomesATunnelAndARefusedOneDoesNot) {
  Dialogue d;
  d.client.send("CONNECT h:443 HTTP/1.1\r\nContent-Length: 77\r\n\r\n");
  d.server.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
  d.client.send("CONNECT h:443 HTTP/1.1\r\nProxy-Authorization: x\r\n\r\n");
  d.server.send("HTTP/1.1 200 Connected\r\nContent-Length: 5\r\n\r\n");
  d.client.send("\x16\x03\x01");
  EXPECT_EQ(d.seen(), "CONNECT h:443 407\nCONNECT h:443 200\n");
  EXPECT_EQ(d.counters.upgrades.get(), 1u);
  EXPECT_EQ(d.counters.holes.get(), 0u);
}

TEST(Http1Pairing, EmptyLinesBeforeARequestDoNotCount) {
  Dialogue d;
  d.client.send(get("/a"));
  d.server.send(kOk);
  d.client.send("\r\n" + get("/b"));
  d.server.send(kOk);
  d.client.send_unseen(2);
  d.client.send(get("/c"));
  d.server.send(kOk);
  ASSERT_EQ(d.exchanges.size(), 3u);
  EXPECT_EQ(d.exchanges[1].request.begin_pos, get("/a").size() + 2);
  EXPECT_EQ(d.seen(), "GET /a 200\nGET /b 200\nGET /c 200\n");
  EXPECT_EQ(d.counters.holes.get(), 0u);
}

TEST(Http1Pairing, TrailersBelongToTheirMessage) {
  Dialogue d;
  d.client.send(get("/a"));
  d.server.send(std::string(kChunkedHead) + "2\r\nab\r\n0\r\nServer-Timing: x\r\n\r\n");
  d.client.send(get("/b"));
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "GET /a 200\nGET /b 200\n");
}

TEST(Http1Pairing, LargeHeadsAreReadWholeAndLargerOnesAreCut) {
  Dialogue d;
  const std::string pad_12k(12 * 1024, 'c'), pad_20k(20 * 1024, 'c');
  d.client.send("GET /12 HTTP/1.1\r\nCookie: " + pad_12k + "\r\nHost: end\r\n\r\n");
  d.server.send(kOk);
  d.client.send("GET /20 HTTP/1.1\r\nHost: begin\r\nCookie: " + pad_20k + "\r\n\r\n");
  d.server.send(kOk);
  d.client.send(get("/after"));
  d.server.send(kOk);
  ASSERT_EQ(d.exchanges.size(), 3u);
  const auto& whole = std::get<HttpExchange>(d.exchanges[0].detail).request;
  const auto& cut = std::get<HttpExchange>(d.exchanges[1].detail).request;
  EXPECT_EQ(whole.host.in(whole.head), "end");
  EXPECT_FALSE(whole.truncated);
  EXPECT_EQ(cut.host.in(cut.head), "begin");
  EXPECT_TRUE(cut.truncated);
  EXPECT_EQ(cut.head.size(), 16384u);
  EXPECT_EQ(d.counters.heads_truncated.get(), 1u);
  EXPECT_EQ(d.seen(), "GET /12 200\nGET /20 200\nGET /after 200\n");
}

TEST(Http1Pairing, ACutHeadIsToldAtOnceAndItsRestMayPassUnseen) {
  Dialogue d;
  const std::string head = "GET /20 HTTP/1.1\r\nCookie: " + std::string(20000, 'c') + "\r\n\r\n";
  for (std::size_t at = 0; at < 16384; at += 4096) d.client.send(head.substr(at, 4096));
  EXPECT_EQ(d.begun.size(), 1u);
  d.client.send_unseen(head.size() - 16384);
  d.server.send(kOk);
  d.client.send(get("/b"));
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "GET /20 200\nGET /b 200\n");
  EXPECT_EQ(d.counters.holes.get(), 0u);
}

TEST(Http1Pairing, SmugglingShapesAreMarkedOnceAndStillPaired) {
  Dialogue d;
  d.client.send("POST /s HTTP/1.1\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
                get("/hidden"));
  d.server.send(std::string(kNoContent) + std::string(kOk));
  EXPECT_EQ(d.seen(), "POST /s 204\nGET /hidden 200\n");
  EXPECT_EQ(d.counters.suspicious.get(), 1u);
}

TEST(Http1Pairing, ABadChunkSizeMarksTheMessageAndItsEndIsTheTurn) {
  Dialogue d;
  d.client.send(get("/a"));
  d.server.send(std::string(kChunkedHead) + "0x5\r\nabcde\r\n0\r\n\r\nmore");
  d.server.send_unseen(10);
  d.client.send(get("/b"));
  ASSERT_EQ(d.exchanges.size(), 1u);
  EXPECT_TRUE(std::get<HttpExchange>(d.exchanges[0].detail).response.suspicious);
  EXPECT_EQ(d.exchanges[0].response.end_ns, 3000u);
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "GET /a 200\nGET /b 200\n");
}

}  // namespace
}  // namespace suture::http1

// Where messages end when not all bytes were copied, and what the end of a connection makes of what is open.
#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "dialogue.h"

namespace suture::http1 {
namespace {

const std::string kHead1000 = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
const std::string kUntilClose = "HTTP/1.0 200 OK\r\n\r\n";

/// "REQUEST RESPONSE", the sizes of the bodies of the one exchange that has ended; ? is not known.
std::string sizes(Dialogue& d) {
  if (d.exchanges.size() != 1) return "no exchange";
  const auto& http = std::get<HttpExchange>(d.exchanges[0].detail);
  d.exchanges.clear();
  const auto text = [](const std::optional<std::uint64_t>& size) { return size ? std::to_string(*size) : "?"; };
  return text(http.request.body_bytes) + " " + text(http.response.body_bytes);
}

TEST(Http1End, TellsHowLongBodiesWereWhereThatIsSure) {
  const std::string post = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";
  const std::string chunked_post = "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  struct Case {
    const char* what;
    const char* sizes;
    std::function<void(Dialogue&)> tell;
  };
  const Case cases[] = {
      {"lengths", "5 300", [&](Dialogue& d) { d.client.send(post + "12345"); d.server.send(ok(300)); }},
      {"a length that was not copied", "0 100000", [&](Dialogue& d) { d.client.send(get("/a")); d.server.send_copied(ok(100'000), 256); d.sweep(); }},
      {"no body", "0 0", [&](Dialogue& d) { d.client.send(get("/a")); d.server.send(kNoContent); }},
      {"a response to HEAD", "0 0", [&](Dialogue& d) { d.client.send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n"); d.server.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"); }},
      {"chunks, without their own bytes", "7 3", [&](Dialogue& d) {
         d.client.send(chunked_post + "4\r\nabcd\r\n3;x=y\r\nefg\r\n0\r\nTrailer: t\r\n\r\n");
         d.server.send(std::string(kChunkedHead) + "3\r\nabc\r\n0\r\n\r\n");
       }},
      {"a chunk that was not copied", "0 1000", [&](Dialogue& d) {
         d.client.send(get("/a"));
         d.server.send(std::string(kChunkedHead) + "3e8\r\n");
         d.server.send_unseen(1000);
         d.server.send_as(BytesKind::Continue, "\r\n0\r\n\r\n");
       }},
      {"chunks that were not followed", "0 ?", [&](Dialogue& d) {
         d.client.send(get("/a"));
         d.server.send(kChunkedHead);
         d.server.send_unseen(1000);
         d.server.send_tail(500, "\r\n0\r\n\r\n");
         d.sweep();
       }},
      {"until the close", "0 700", [&](Dialogue& d) { d.client.send(get("/a")); d.server.send(kUntilClose + std::string(200, 'b')); d.server.send_unseen(500); d.close(); }},
      {"cut short", "0 ?", [&](Dialogue& d) { d.client.send(get("/a")); d.server.send(kHead1000); d.end(Session::End::Reset); }},
      {"answered before the request was whole", "? 0", [&](Dialogue& d) { d.client.send(post); d.server.send(kOk); }},
      {"no answer", "5 ?", [&](Dialogue& d) { d.client.send(post + "12345"); d.end(Session::End::Reset); }},
      {"both lengths", "? 0", [&](Dialogue& d) { d.client.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n"); d.server.send(kOk); }},
  };
  for (const Case& each : cases) {
    Dialogue d;
    each.tell(d);
    EXPECT_EQ(sizes(d), each.sizes) << each.what;
  }
}

TEST(Http1End, AReadTellsTheEndOfItsOwnBytes) {
  Dialogue d(Dialogue::Observed::Client);
  d.client.send(get("/a"));
  d.server.send_copied(ok(100000), 256);
  EXPECT_EQ(d.seen(), "GET /a 200\n");
}

TEST(Http1End, AWriteMayMoveLessThanItTriesSoItsEndIsToldLater) {
  Dialogue d;
  d.client.send(get("/a"));
  d.server.send_copied(kHead1000 + std::string(1000, 'b'), 128);  // at 2000
  EXPECT_EQ(d.seen(), "");
  EXPECT_TRUE(d.session.waiting_for_end());
  d.sweep();
  EXPECT_FALSE(d.session.waiting_for_end());
  ASSERT_EQ(d.exchanges.size(), 1u);
  EXPECT_EQ(d.exchanges[0].response.end_ns, 2000u);
}

TEST(Http1End, ABodyOfSeveralWritesEndsWithTheLast) {
  Dialogue d;
  d.client.send(get("/a"));
  d.server.send(kHead1000);
  d.server.send_unseen(600);
  d.sweep();
  EXPECT_EQ(d.seen(), "");
  d.server.send_unseen(400);  // at 4000
  d.client.send(get("/b"));
  ASSERT_EQ(d.exchanges.size(), 1u);
  EXPECT_EQ(d.exchanges[0].response.end_ns, 4000u);
}

TEST(Http1End, ARepeatedPartOfASendIsNotSeenTwice) {
  Dialogue d(Dialogue::Observed::Client);
  const std::string request = get("/abc");
  d.client.send_partly(request, 0);
  d.client.send_partly(request, 9);
  d.client.send(request.substr(9));
  d.server.send(kOk);
  EXPECT_EQ(d.begun.size(), 1u);
  EXPECT_EQ(d.seen(), "GET /abc 200\n");
  EXPECT_EQ(d.counters.holes.get(), 0u);
}

TEST(Http1End, TheSweepMayKnowOfBytesBeforeTheirEventComes) {
  Dialogue d;
  const std::string request = get("/a");
  d.session.progress(Direction::Receive, request.size(), 900, d);
  d.client.send(request);
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "GET /a 200\n");
  EXPECT_EQ(d.counters.holes.get(), 0u);
}

TEST(Http1End, GapsInsideAKnownChunkDoNoHarm) {
  Dialogue d(Dialogue::Observed::Client);
  d.client.send(get("/a"));
  d.server.send_copied(std::string(kChunkedHead) + "400\r\n" + std::string(1000, 'x'), 100);
  d.server.send_as(BytesKind::Continue, std::string(24, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ(d.seen(), "GET /a 200\n");
}

TEST(Http1End, ATailEndsAChunkedBodyOnceTheSweepFindsNothingAfterIt) {
  for (const std::string_view last : {"\r\n0\r\n\r\n", "0\r\n\r\n"}) {
    Dialogue d;
    d.client.send(get("/a"));
    d.server.send(kChunkedHead);
    d.server.send_unseen(5000);
    d.server.send_tail(last.size() == 5 ? 5 : 3000, last);  // at 4000
    EXPECT_EQ(d.seen(), "");
    EXPECT_TRUE(d.session.waiting_for_end());
    d.sweep();
    ASSERT_EQ(d.exchanges.size(), 1u);
    EXPECT_EQ(d.exchanges[0].response.end_ns, 4000u);
    EXPECT_TRUE(d.exchanges[0].end_confirmed);
    EXPECT_FALSE(d.session.waiting_for_end());
    d.client.send(get("/b"));
    d.server.send(kOk);
    EXPECT_EQ(d.seen(), "GET /a 200\nGET /b 200\n");
    EXPECT_EQ(d.counters.holes.get(), 0u);
  }
}

TEST(Http1End, BodyBytesAfterATailMoveTheEnd) {
  Dialogue d;
  d.client.send(get("/a"));
  d.server.send(kChunkedHead);
  d.server.send_unseen(5000);
  d.server.send_tail(3000, "\r\n0\r\n\r\n");
  d.server.send_unseen(100);
  d.sweep();
  EXPECT_EQ(d.seen(), "");
  EXPECT_FALSE(d.session.waiting_for_end());
  d.server.send_tail(200, "\r\n0\r\n\r\n");  // at 6000
  d.sweep();
  ASSERT_EQ(d.exchanges.size(), 1u);
  EXPECT_EQ(d.exchanges[0].response.end_ns, 6000u);
}

TEST(Http1End, TheNextRequestEndsAChunkedBodyWhoseEndWasNotSeen) {
  Dialogue d;
  d.client.send(get("/a"));
  d.server.send(kChunkedHead);
  d.server.send_unseen(5000);  // at 3000
  d.sweep();
  EXPECT_EQ(d.seen(), "");
  d.client.send(get("/b"));
  ASSERT_EQ(d.exchanges.size(), 1u);
  EXPECT_EQ(d.exchanges[0].response.end_ns, 3000u);
  EXPECT_TRUE(d.exchanges[0].end_confirmed);
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "GET /a 200\nGET /b 200\n");
}

TEST(Http1End, AnUploadInUnseenChunksEndsBeforeTheNextRequest) {
  Dialogue d;
  d.client.send("POST /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n");
  d.client.send_unseen(70000);
  d.client.send_tail(3000, "\r\n0\r\n\r\n");
  d.server.send(kOk);
  d.client.send(get("/b"));
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "POST /up 200\nGET /b 200\n");
  EXPECT_EQ(d.counters.holes.get(), 0u);
}

TEST(Http1End, AResponseWhoseEndStaysUnknownExpires) {
  Dialogue d;
  d.client.send(get("/a"));
  d.server.send(kChunkedHead);
  d.server.send_unseen(5000);  // at 3000
  d.sweep();
  d.session.expire(3000, d);
  EXPECT_EQ(d.seen(), "");
  d.session.expire(3001, d);
  ASSERT_EQ(d.exchanges.size(), 1u);
  EXPECT_EQ(d.exchanges[0].response.end_ns, 3000u);
  EXPECT_EQ(d.seen(), "GET /a 200 unconfirmed\n");
  d.client.send(get("/b"));
  d.server.send(kOk);
  EXPECT_EQ(d.seen(), "GET /b 200\n");
}

TEST(Http1End, AStreamThatIsOnlySlowDoesNotExpire) {
  Dialogue d;
  d.client.send(get("/events"));
  d.server.send(std::string(kChunkedHead) + "3\r\nabc\r\n");
  d.session.expire(1'000'000'000, d);
  EXPECT_EQ(d.seen(), "");
  d.server.send("0\r\n\r\n");
  EXPECT_EQ(d.seen(), "GET /events 200\n");
}

TEST(Http1End, AResponseUntilCloseEndsWhenItsSenderCloses) {
  Dialogue server;
  server.client.send(get("/a"));
  server.server.send(kUntilClose);
  server.server.send_unseen(500);  // at 3000
  server.close();
  ASSERT_EQ(server.exchanges.size(), 1u);
  EXPECT_EQ(server.exchanges[0].response.end_ns, 3000u);
  EXPECT_EQ(server.seen(), "GET /a 200\n");

  Dialogue client(Dialogue::Observed::Client);
  client.client.send(get("/a"));
  client.server.send(kUntilClose);
  client.close(/*peer_first=*/true);
  EXPECT_EQ(client.seen(), "GET /a 200\n");

  Dialogue impatient(Dialogue::Observed::Client);
  impatient.client.send(get("/a"));
  impatient.server.send(kUntilClose);
  impatient.close(/*peer_first=*/false);
  EXPECT_EQ(impatient.seen(), "GET /a 200 cut\n");
}

TEST(Http1End, ACloseInsideAResponseCutsIt) {
  struct Vector {
    std::string_view response;
    std::size_t unseen;
    const char* expected;
  };
  const Vector vectors[] = {
      {kHead1000, 999, "GET /a 200 cut\n"},
      {kHead1000, 1000, "GET /a 200\n"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc", 0, "GET /a 200 cut\n"},
      {kChunkedHead, 5000, "GET /a 200 unconfirmed\n"},
      {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", 0, "GET /a 200 unconfirmed\n"},
      {"HTTP/1.1 200 O", 0, "GET /a 0 locally closed\n"},
  };
  for (const Vector& v : vectors) {
    Dialogue d;
    d.client.send(get("/a"));
    d.server.send(v.response);
    d.server.send_unseen(v.unseen);
    d.close();
    EXPECT_EQ(d.seen(), v.expected) << v.response;
  }
}

TEST(Http1End, AChunkedBodyWithASeenTailIsWholeEvenIfResetFollows) {
  Dialogue d;
  d.client.send(get("/a"));
  d.server.send(kChunkedHead);
  d.server.send_unseen(5000);
  d.server.send_tail(3000, "\r\n0\r\n\r\n");
  d.session.closed(Session::End::Reset, true, d.now_ns, d);
  EXPECT_EQ(d.seen(), "GET /a 200\n");
}

TEST(Http1End, RequestsWithoutAResponseSayWhy) {
  struct Vector {
    Session::End end;
    bool peer_first;
    const char* expected;
  };
  const Vector vectors[] = {
      {Session::End::Reset, true, "GET /a 0 reset\nGET /b 0 reset\n"},
      {Session::End::TimedOut, false, "GET /a 0 timed out\nGET /b 0 timed out\n"},
      {Session::End::Normal, true, "GET /a 0 peer closed\nGET /b 0 peer closed\n"},
      {Session::End::Normal, false, "GET /a 0 locally closed\nGET /b 0 locally closed\n"},
  };
  for (const Vector& v : vectors) {
    Dialogue d(Dialogue::Observed::Client);
    d.client.send(get("/a") + get("/b"));
    d.end(v.end, v.peer_first);
    for (const Exchange& exchange : d.exchanges) {
      EXPECT_EQ(exchange.response.begin_ns, 0u);
      EXPECT_EQ(exchange.response.end_ns, 2000u);
    }
    EXPECT_EQ(d.seen(), v.expected);
    EXPECT_EQ(d.session.outstanding(), 0u);
  }
}

TEST(Http1End, AResetInsideAResponseCutsIt) {
  for (const std::string& head : {kHead1000, kUntilClose, std::string(kChunkedHead)}) {
    Dialogue d(Dialogue::Observed::Client);
    d.client.send(get("/a"));
    d.server.send(head);
    d.server.send_unseen(500);
    d.end(Session::End::Reset);
    EXPECT_EQ(d.seen(), "GET /a 200 cut\n") << head;
  }
}

TEST(Http1End, ASocketThatLingersAfterClosingIsNotWaitedForForever) {
  Dialogue d;
  d.client.send(get("/a"));
  d.session.closing(5000, d);
  EXPECT_EQ(d.seen(), "");
  d.session.expire(5000, d);
  EXPECT_EQ(d.seen(), "");
  d.session.expire(5001, d);
  EXPECT_EQ(d.seen(), "GET /a 0 locally closed\n");
  d.end(Session::End::Normal);
  EXPECT_EQ(d.seen(), "");
}

TEST(Http1End, WhatIsOpenWhenTheSessionGoesIsCounted) {
  ExchangeCounters counters;
  {
    Dialogue unused;
    Session first(1, counters);
    first.bytes(Direction::Receive, BytesKind::Start, 0, as_bytes(get("/a")), {}, unused);
    const Session moved(std::move(first));
    EXPECT_EQ(moved.outstanding(), 1u);
  }
  EXPECT_EQ(counters.dropped_unended.get(), 1u);
}

}  // namespace
}  // namespace suture::http1

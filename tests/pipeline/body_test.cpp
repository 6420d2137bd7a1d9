// Bodies that the kernel does not copy: who tells of their end, and when it was.
#include "wire.h"

namespace suture::test {
namespace {

/// A server of which the client is elsewhere, that has read GET /a.
Socket& asked(Wire& wire) {
  Socket& client = wire.connect();
  client.unobserved();
  client.send(get("/a"));
  return client.peer();
}

constexpr auto kSpanOfA = "server GET /a 200 root\n";

TEST(PipelineBody, AReadTellsOfItsOwnEnd) {
  Wire wire;
  Socket& client = wire.connect();
  client.peer().unobserved();
  client.send(get("/a"));
  client.peer().send(ok(50'000));
  EXPECT_EQ(wire.seen(), "client GET /a 200 root\n");
}

TEST(PipelineBody, SeenAfterTheCallAWriteTellsOfItsEndToo) {
  Wire wire;
  wire.sends_at_entry = false;
  asked(wire).send(ok(50'000));
  EXPECT_FALSE(wire.pipeline.wants_sweep());
  EXPECT_EQ(wire.settled(), kSpanOfA);
}

// Each of these tells that the last byte has moved, and none is the time when it did.
TEST(PipelineBody, TheEndOfAWriteIsToldByWhateverComesNext) {
  struct Teller {
    const char* name;
    void (*tell)(Socket& server);
  };
  const Teller tellers[] = {
      {"the next request", [](Socket& server) { server.peer().send(get("/b")); }},
      {"the sweep", [](Socket& server) { server.sweep(); }},
      {"the server closes", [](Socket& server) { server.close(); }},
      {"the socket is gone", [](Socket& server) { server.gone(); }},
  };
  for (const Teller& teller : tellers) {
    Wire wire;
    Socket& server = asked(wire);
    server.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + std::string(40'000, 'b'));
    server.write(std::string(60'000, 'b'));
    const std::uint64_t last_write = wire.now_ns;
    wire.wait(300 * kMs);
    EXPECT_EQ(wire.seen(), "") << teller.name;
    EXPECT_TRUE(wire.pipeline.wants_sweep()) << teller.name;
    teller.tell(server);
    EXPECT_EQ(wire.settled(), kSpanOfA) << teller.name;
    ASSERT_EQ(wire.spans.size(), 1u);
    EXPECT_EQ(static_cast<std::uint64_t>(wire.spans[0].end_unix_ns), last_write) << teller.name;
    EXPECT_FALSE(wire.pipeline.wants_sweep()) << teller.name;
  }
}

TEST(PipelineBody, IsOutWithinASecondOfItsEnd) {
  Wire wire;
  asked(wire).write(ok(200'000));
  wire.wait(1000 * kMs, true);
  EXPECT_EQ(wire.seen(), kSpanOfA);
}

TEST(PipelineBody, ASendThatMovedLessComesAgainAndIsOneResponse) {
  Wire wire;
  Socket& server = asked(wire);
  const std::string response = ok(5000);
  server.write_part(response, 0);  // EAGAIN
  server.write_part(response, 700);
  server.write_part(response.substr(700), 3000);
  server.sweep();
  EXPECT_EQ(wire.settled(), "");
  server.write(response.substr(3700));
  server.sweep();
  EXPECT_EQ(wire.settled(), kSpanOfA);
  EXPECT_EQ(wire.pipeline.http_counters().responses.get(), 1u);
}

TEST(PipelineBody, AFileOfSeveralGiBEndsWhenItDoes) {
  constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
  Wire wire;
  Socket& server = asked(wire);
  server.write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(7 * kGiB) + "\r\n\r\n");
  server.sendfile(3 * kGiB);
  server.sweep();
  server.sendfile(3 * kGiB);
  server.sweep();
  EXPECT_EQ(wire.settled(), "");
  server.sendfile(kGiB);
  server.sweep();
  EXPECT_EQ(wire.settled(), kSpanOfA);
  server.peer().send(get("/b"));
  server.write(kNoContent);
  EXPECT_EQ(wire.settled(), "server GET /b 204 root\n");
}

TEST(PipelineBody, AnUploadIsNotTakenForRequests) {
  Wire wire;
  Socket& client = wire.connect();
  const std::string request = "POST /up HTTP/1.1\r\nContent-Length: 9000\r\n\r\n";
  client.send(request);
  client.send(get("/inside") + std::string(9000 - get("/inside").size(), 'b'));
  client.peer().send(kNoContent);
  EXPECT_EQ(wire.settled(), "server POST /up 204 under client POST /up\nclient POST /up 204 root\n");
}

// Chunked bodies. The kernel shows the head's record, and the last 7 or 5 bytes of a call that ends like one.

TEST(PipelineBody, ATailInTheHeadsOwnCallEndsTheResponseAtOnce) {
  for (const std::size_t size : {900u, 949u, 950u, 951u, 953u, 956u, 960u, 1000u, 1500u, 60000u}) {
    for (const bool at_entry : {true, false}) {
      Wire wire;
      wire.sends_at_entry = at_entry;
      Socket& client = wire.connect();
      client.send(get("/a"));
      client.peer().send(kChunkedHead + chunk(size) + kLastChunk);
      EXPECT_EQ(wire.seen(), "server GET /a 200 under client GET /a\nclient GET /a 200 root\n") << size << at_entry;
    }
  }
}

TEST(PipelineBody, ManyChunksInTheHeadsOwnCallEndWithTheSweep) {
  Wire wire;
  Socket& client = wire.connect();
  client.send(get("/a"));
  const std::uint64_t start = wire.now_ns;
  client.peer().send(kChunkedHead + chunk(3000) + chunk(3000) + kLastChunk);
  wire.wait(500 * kMs, true);
  EXPECT_EQ(wire.seen(), "client GET /a 200 root\nserver GET /a 200 under client GET /a\n");
  ASSERT_EQ(wire.spans.size(), 2u);
  EXPECT_EQ(static_cast<std::uint64_t>(wire.spans[0].end_unix_ns), start + 2000);
  EXPECT_EQ(static_cast<std::uint64_t>(wire.spans[1].end_unix_ns), start + 1000);
}

TEST(PipelineBody, ATailInACallOfItsOwnEndsWithTheSweepAtItsOwnTime) {
  for (const std::string& last : {chunk(3000) + kLastChunk, kLastChunk}) {
    Wire wire;
    Socket& client = wire.connect();
    client.send(get("/a"));
    client.peer().send(kChunkedHead + chunk(100));
    client.peer().send(chunk(4000));
    client.peer().send(last);
    const std::uint64_t end = wire.now_ns;
    wire.wait(500 * kMs, true);
    EXPECT_EQ(wire.seen(), "client GET /a 200 root\nserver GET /a 200 under client GET /a\n");
    ASSERT_EQ(wire.spans.size(), 2u);
    EXPECT_EQ(static_cast<std::uint64_t>(wire.spans[0].end_unix_ns), end);
    EXPECT_EQ(static_cast<std::uint64_t>(wire.spans[1].end_unix_ns), end - 1000);
  }
}

TEST(PipelineBody, ChunksThatReadLikeTheEndDoNotEndTheBody) {
  Wire wire;
  Socket& server = asked(wire);
  server.write(kChunkedHead);
  const std::string liar = "4000\r\n" + std::string(5000, 'x') + "\r\n0\r\n\r\n";  // 16 KiB are announced
  server.write(liar);
  server.write(std::string(11'377, 'x') + "\r\n");
  server.sweep();
  EXPECT_EQ(wire.settled(), "");
  server.write(kLastChunk);
  const std::uint64_t end = wire.now_ns;
  wire.wait(1000 * kMs, true);
  EXPECT_EQ(wire.settled(), kSpanOfA);
  EXPECT_EQ(static_cast<std::uint64_t>(wire.spans.at(0).end_unix_ns), end);
}

TEST(PipelineBody, AChunkedBodyWhoseEndIsNotSeenEndsBeforeTheNextRequest) {
  Wire wire;
  Socket& client = wire.connect();
  for (const char* target : {"/a", "/b"}) {
    client.send(get(target));
    client.peer().send(kChunkedHead + chunk(100));
    client.peer().send(chunk(4000) + "0\r\nTrailer: t\r\n\r\n");
  }
  wire.settled();
  client.send(get("/c"));
  client.peer().send(kNoContent);
  wire.settled();
  ASSERT_EQ(wire.spans.size(), 6u);
  for (const Span& span : wire.spans) EXPECT_EQ(span.attributes.find(AttributeKey::SutureEndUnconfirmed), nullptr);
  EXPECT_EQ(wire.pipeline.joiner().counters().joined.get(), 3u);
}

}  // namespace
}  // namespace suture::test

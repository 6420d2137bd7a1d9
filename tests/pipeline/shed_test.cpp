// Exchanges that the kernel does not report: they are no holes, and what stands around them is as exact as ever.
#include "wire.h"

namespace suture::test {
namespace {

void shed(Socket& client, bool on) {
  client.shed(on);
  client.peer().shed(on);
}

void expect_no_hole(const Wire& wire) {
  const ExchangeCounters& counters = wire.pipeline.http_counters();
  EXPECT_EQ(counters.holes.get(), 0u);
  EXPECT_EQ(counters.resyncs.get(), 0u);
  EXPECT_EQ(counters.dropped_hole.get(), 0u);
  EXPECT_EQ(counters.responses_without_request.get(), 0u);
}

TEST(PipelineShed, ExchangesAroundThemAreJoinedAsEver) {
  for (const bool at_entry : {true, false}) {
    Wire wire;
    wire.sends_at_entry = at_entry;
    Socket& client = wire.connect();
    for (const char* target : {"/a", "/shed", "/shed", "/b", "/shed", "/c"}) {
      shed(client, target == std::string_view("/shed"));
      client.send(get(target));
      client.peer().send(ok(3));
    }
    EXPECT_EQ(wire.settled(),
              "server GET /a 200 under client GET /a\nclient GET /a 200 root\n"
              "server GET /b 200 under client GET /b\nclient GET /b 200 root\n"
              "server GET /c 200 under client GET /c\nclient GET /c 200 root\n");
    expect_no_hole(wire);
  }
}

// Its end is known by the time the next one begins, shed or not: as exact as if all were reported.
TEST(PipelineShed, ALongBodyBeforeThemEndsWhenItEnded) {
  for (const bool closes : {false, true}) {
    Wire wire;
    Socket& client = wire.connect();
    client.unobserved();
    Socket& server = client.peer();
    client.send(get("/a"));
    server.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + std::string(40'000, 'b'));
    server.write(std::string(60'000, 'b'));
    const std::uint64_t last_write = wire.now_ns;
    server.shed(true);
    for (int i = 0; i < 3; ++i) {
      client.send(get("/shed"));
      server.send(ok(50'000));
    }
    EXPECT_EQ(wire.seen(), "");
    if (closes) {
      server.close();
    } else {
      server.shed(false);
      client.send(get("/b"));
    }
    EXPECT_EQ(wire.settled(), "server GET /a 200 root\n");
    ASSERT_EQ(wire.spans.size(), 1u);
    EXPECT_EQ(static_cast<std::uint64_t>(wire.spans[0].end_unix_ns), last_write);
    expect_no_hole(wire);
  }
}

// Nobody followed its chunks: that another request came says that it had ended.
TEST(PipelineShed, AChunkedBodyBeforeThemEndsToo) {
  Wire wire;
  Socket& client = wire.connect();
  client.unobserved();
  client.send(get("/a"));
  client.peer().send(kChunkedHead + chunk(100));
  client.peer().send(chunk(3000));
  client.peer().shed(true);
  client.send(get("/shed"));
  client.peer().send(kChunkedHead + chunk(100) + kLastChunk);
  client.peer().shed(false);
  client.send(get("/b"));
  client.peer().send(kNoContent);
  EXPECT_EQ(wire.settled(), "server GET /a 200 root\nserver GET /b 204 root\n");
  expect_no_hole(wire);
}

TEST(PipelineShed, TheSweepSeesNoBytesThatNobodyTellsOf) {
  Wire wire;
  Socket& client = wire.connect();
  client.send(get("/a"));
  client.peer().send(kNoContent);
  shed(client, true);
  client.send(get("/shed"));
  client.peer().send(ok(50'000));
  client.sweep();
  client.peer().sweep();
  shed(client, false);
  client.send(get("/b"));
  client.peer().send(kNoContent);
  EXPECT_EQ(wire.settled(),
            "server GET /a 204 under client GET /a\nclient GET /a 204 root\n"
            "server GET /b 204 under client GET /b\nclient GET /b 204 root\n");
  expect_no_hole(wire);
}

TEST(PipelineShed, AConnectionMayBeginWithThem) {
  Wire wire;
  Socket& client = wire.connect();
  shed(client, true);
  client.send(get("/shed"));
  client.peer().send(ok(50'000));
  shed(client, false);
  client.send(get("/b"));
  client.peer().send(kNoContent);
  EXPECT_EQ(wire.settled(), "server GET /b 204 under client GET /b\nclient GET /b 204 root\n");
  expect_no_hole(wire);
}

// An answer that the full ring lost is missed as ever: shed exchanges do not hide it, nor stand in for it.
TEST(PipelineShed, AnAnswerThatWasLostBeforeThemIsStillAHole) {
  Wire wire;
  Socket& client = wire.connect();
  client.peer().unobserved();
  client.send(get("/a"));
  wire.lost = {wire.records};
  client.peer().send(kNoContent);
  client.shed(true);
  client.send(get("/shed"));
  client.peer().send(ok(3));
  client.shed(false);
  client.send(get("/b"));
  client.peer().send(kNoContent);
  EXPECT_EQ(wire.settled(), "client GET /b 204 root\n");
  EXPECT_EQ(wire.pipeline.http_counters().dropped_hole.get(), 1u);
}

}  // namespace
}  // namespace suture::test

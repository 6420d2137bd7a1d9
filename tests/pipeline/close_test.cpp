// How connections end, and what the end makes of what is open.
#include <cerrno>

#include "wire.h"

namespace suture::test {
namespace {

/// Both ends close, this one first.
TEST(PipelineClose, AnOrderlyEndAddsNothing) {
  Wire wire;
  Socket& client = wire.connect();
  client.send(get("/a"));
  client.peer().send(kNoContent);
  close(client);
  EXPECT_EQ(wire.settled(), "server GET /a 204 under client GET /a\nclient GET /a 204 root\n");
  EXPECT_EQ(wire.pipeline.connections(), 0u);
}

TEST(PipelineClose, AResetBeforeTheResponseIsAnErrorAtBothEnds) {
  for (const int error : {ECONNRESET, EPIPE}) {
    Wire wire;
    Socket& client = wire.connect();
    client.send(get("/a"));
    client.gone(error);
    client.peer().gone(error);
    EXPECT_EQ(wire.settled(),
              "client GET /a connection_reset root\nserver GET /a connection_reset under client GET /a\n");
  }
}

TEST(PipelineClose, APeerThatVanishesIsATimeOut) {
  Wire wire;
  Socket& client = wire.connect();
  client.peer().unobserved();
  client.send(get("/a"));
  client.gone(ETIMEDOUT);
  EXPECT_EQ(wire.settled(), "client GET /a timeout root\n");
}

TEST(PipelineClose, AClientThatGivesUpClosesBothEnds) {
  Wire wire;
  Socket& client = wire.connect();
  client.send(get("/a"));
  close(client);
  EXPECT_EQ(wire.settled(),
            "client GET /a connection_closed root\nserver GET /a connection_closed under client GET /a\n");
}

TEST(PipelineClose, AServerThatClosesInsideABodyHasCutIt) {
  Wire wire;
  Socket& client = wire.connect();
  client.send(get("/a"));
  client.peer().send("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + std::string(2000, 'b'));
  close(client.peer());
  wire.settled();
  std::set<std::string> titles;
  for (const Span& span : wire.spans) titles.insert(Wire::title_of(span));
  EXPECT_EQ(titles,
            (std::set<std::string>{"client GET /a 200 connection_closed", "server GET /a 200 connection_closed"}));
}

TEST(PipelineClose, ACloseDelimitedBodyEndsWithTheClose) {
  Wire wire;
  Socket& client = wire.connect();
  client.send(get("/a"));
  client.peer().send("HTTP/1.0 200 OK\r\n\r\n" + std::string(3000, 'b'));
  client.peer().send(std::string(3000, 'b'));
  EXPECT_EQ(wire.settled(), "");
  close(client.peer());
  EXPECT_EQ(wire.settled(), "server GET /a 200 under client GET /a\nclient GET /a 200 root\n");
}

TEST(PipelineClose, AHalfClosedConnectionStillAnswers) {
  Wire wire;
  Socket& client = wire.connect();
  client.send(get("/a"));
  wire.now_ns += 1000;  // shutdown(SHUT_WR): no event of it
  client.peer().send(ok(10));
  close(client.peer());
  EXPECT_EQ(wire.settled(), "server GET /a 200 under client GET /a\nclient GET /a 200 root\n");
}

TEST(PipelineClose, AnUpgradeEndsHttpAndItsBytesAreIgnored) {
  Wire wire;
  Socket& client = wire.connect();
  client.send(get("/chat", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
  client.peer().send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");
  client.send(get("/no") + "in the tunnel");
  close(client);
  EXPECT_EQ(wire.settled(), "server GET /chat 101 under client GET /chat\nclient GET /chat 101 root\n");
  EXPECT_EQ(wire.pipeline.connections(), 0u);
  EXPECT_EQ(wire.edges.size(), 2u);  // as tunnels
  EXPECT_EQ(wire.pipeline.traffic().shares().at(kShop).connections[VERDICT_UPGRADED], 1u);
}

// What no event ends.

TEST(PipelineClose, AChunkedBodyWhoseEndIsNeverSeenIsGivenUpUnconfirmed) {
  Wire wire;
  Socket& client = wire.connect();
  client.send(get("/a"));
  client.peer().send(kChunkedHead + chunk(100));
  client.peer().send(chunk(4000) + "0\r\nTrailer: t\r\n\r\n");
  const std::uint64_t end = wire.now_ns;
  wire.wait(4000 * kMs, true);
  EXPECT_EQ(wire.seen(), "");
  wire.wait(2000 * kMs, true);
  EXPECT_EQ(wire.settled(), "server GET /a 200 unconfirmed under client GET /a\nclient GET /a 200 unconfirmed root\n");
  ASSERT_EQ(wire.spans.size(), 2u);
  EXPECT_EQ(static_cast<std::uint64_t>(wire.spans[0].end_unix_ns), end - 1000);
  client.send(get("/b"));
  client.peer().send(kNoContent);
  EXPECT_EQ(wire.settled(), "server GET /b 204 under client GET /b\nclient GET /b 204 root\n");
}

TEST(PipelineClose, AStreamThatGoesOnUnseenIsNotGivenUp) {
  Wire wire;
  Socket& client = wire.connect();
  client.send(get("/events"));
  client.peer().send(kChunkedHead);
  for (int i = 0; i < 60; ++i) {
    client.peer().send(chunk(2000));
    wire.wait(500 * kMs, true);
  }
  EXPECT_EQ(wire.seen(), "");
  client.peer().send(kLastChunk);
  wire.wait(500 * kMs, true);
  EXPECT_EQ(wire.settled(), "client GET /events 200 root\nserver GET /events 200 under client GET /events\n");
}

TEST(PipelineClose, ASocketThatLingersAfterTheCloseIsNotWaitedForForEver) {
  Wire wire;
  Socket& client = wire.connect();
  client.peer().unobserved();
  client.send(get("/a"));
  client.close();
  wire.wait(4000 * kMs, true);
  EXPECT_EQ(wire.seen(), "");
  wire.wait(2000 * kMs, true);
  EXPECT_EQ(wire.seen(), "client GET /a connection_closed root\n");
}

TEST(PipelineClose, ARequestMayWaitForItsAnswerAsLongAsItLikes) {
  Wire wire;
  Socket& client = wire.connect();
  client.send(get("/poll"));
  wire.wait(60'000 * kMs, true);
  EXPECT_EQ(wire.seen(), "");
  client.peer().send(kNoContent);
  EXPECT_EQ(wire.settled(), "server GET /poll 204 under client GET /poll\nclient GET /poll 204 root\n");
}

// Nothing tells of the close of a Unix socket whose peer does not read the end.
TEST(PipelineClose, AUnixSocketThatIsNotHeardOfHasEnded) {
  Wire wire;
  Socket& client = wire.connect_unix();
  client.send(get("/poll"));
  wire.wait(60'000 * kMs, true);
  EXPECT_EQ(wire.seen(), "");
  wire.wait(60'000 * kMs);
  EXPECT_EQ(wire.seen(), "client GET /poll connection_closed root\nserver GET /poll connection_closed under client GET /poll\n");
  EXPECT_EQ(wire.pipeline.connections(), 0u);
}

TEST(PipelineClose, FinishLetsGoWhatIsHeldAndWhatHasNoKnownEnd) {
  Wire wire;
  Socket& held = wire.connect();
  held.unobserved();
  held.send(get("/held"));
  held.peer().send(kNoContent);
  Socket& unended = wire.connect();
  unended.peer().unobserved();
  unended.send(get("/unended"));
  unended.peer().send(kChunkedHead);
  unended.peer().send(chunk(4000));
  unended.sweep();
  Socket& open = wire.connect();
  open.send(get("/open"));
  EXPECT_EQ(wire.seen(), "");
  wire.pipeline.finish();
  EXPECT_EQ(wire.seen(), "client GET /unended 200 unconfirmed root\nserver GET /held 204 root\n");
  EXPECT_EQ(wire.pipeline.joiner().held(), 0u);
}

}  // namespace
}  // namespace suture::test

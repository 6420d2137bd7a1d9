// Both ends of a connection, from the kernel's records to joined spans.
#include "wire.h"

namespace suture::test {
namespace {

TEST(PipelineJoin, MakesTwoSpansOfEachRequestOfAKeepAliveConnection) {
  for (const bool at_entry : {true, false}) {
    Wire wire;
    wire.sends_at_entry = at_entry;
    Socket& client = wire.connect();
    for (const char* target : {"/a", "/b", "/c"}) {
      client.send(get(target));
      client.peer().send(kNoContent);
      EXPECT_EQ(wire.seen(), "server GET " + std::string(target) + " 204 under client GET " + target + "\nclient GET " +
                                 target + " 204 root\n");
    }
    EXPECT_EQ(wire.spans[0].process, kShop);
    EXPECT_EQ(wire.spans[1].process, kCurl);
  }
}

TEST(PipelineJoin, TimesGoFromTheFirstByteToTheLast) {
  Wire wire;
  Socket& client = wire.connect();
  const auto start = static_cast<std::int64_t>(wire.now_ns);
  client.send(get("/a"));          // written at 1000, read at 2000
  client.peer().send(kNoContent);  // written at 3000, read at 4000
  ASSERT_EQ(wire.spans.size(), 2u);
  EXPECT_EQ(wire.spans[0].start_unix_ns - start, 2000);
  EXPECT_EQ(wire.spans[0].end_unix_ns - start, 3000);
  EXPECT_EQ(wire.spans[1].start_unix_ns - start, 1000);
  EXPECT_EQ(wire.spans[1].end_unix_ns - start, 4000);
}

TEST(PipelineJoin, AServerSeenBeforeItsClientIsJoinedAllTheSame) {
  Wire wire;
  wire.sends_at_entry = false;
  Socket& client = wire.connect();
  // A hook after the call may run after the peer has read and answered.
  client.peer().read(get("/a"));
  client.peer().write(kNoContent);
  client.write(get("/a"));
  client.read(kNoContent);
  EXPECT_EQ(wire.settled(), "server GET /a 204 under client GET /a\nclient GET /a 204 root\n");
}

TEST(PipelineJoin, OneEndAloneIsARootOrTheHeadersChild) {
  const std::string header = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00\r\n";
  PipelineOptions options;
  options.sampling.sampler.parent_based = false;
  Wire wire(std::move(options));
  Socket& inbound = wire.connect();
  inbound.unobserved();
  inbound.send(get("/a"));
  inbound.peer().send(kNoContent);
  inbound.send(get("/b", header));
  inbound.peer().send(kNoContent);
  Socket& outbound = wire.connect();
  outbound.peer().unobserved();
  outbound.send(get("/c"));
  outbound.peer().send(kNoContent);
  EXPECT_EQ(wire.settled(), "client GET /c 204 root\nserver GET /a 204 root\nserver GET /b 204 under remote\n");
}

TEST(PipelineJoin, PipelinedRequestsMeetTheirOwnAnswers) {
  Wire wire;
  Socket& client = wire.connect();
  client.send(get("/a") + get("/b"));
  client.send(get("/c"));
  client.peer().send(ok(10) + "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
  client.peer().send(kNoContent);
  wire.settled();
  std::set<std::string> titles;
  for (const Span& span : wire.spans) titles.insert(Wire::title_of(span));
  EXPECT_EQ(wire.spans.size(), 6u);
  EXPECT_EQ(titles, (std::set<std::string>{"client GET /a 200", "client GET /b 404 404", "client GET /c 204",
                                           "server GET /a 200", "server GET /b 404", "server GET /c 204"}));
  EXPECT_EQ(wire.pipeline.joiner().counters().joined.get(), 3u);
}

TEST(PipelineJoin, LongHeadsInAnyNumberOfCallsGiveTheSameSpans) {
  const std::string request = get("/long", "Cookie: " + std::string(11'000, 'c') + "\r\n");
  const std::string response = "HTTP/1.1 204 No Content\r\nSet-Cookie: " + std::string(5'000, 's') + "\r\n\r\n";
  for (const std::size_t size :
       {std::size_t{20}, std::size_t{1000}, std::size_t{1024}, std::size_t{4097}, std::size_t{20'000}}) {
    Wire wire;
    Socket& client = wire.connect();
    client.send_in(request, size, size + 7);
    client.peer().send_in(response, size + 3, size);
    EXPECT_EQ(wire.settled(), "server GET /long 204 under client GET /long\nclient GET /long 204 root\n") << size;
    EXPECT_EQ(wire.pipeline.http_counters().holes.get(), 0u) << size;
  }
}

TEST(PipelineJoin, AConnectionAttachedAfterManyGiBIsJoinedAllTheSame) {
  constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
  for (const std::uint64_t before : {kGiB, 3 * kGiB, 100 * kGiB}) {
    Wire wire;
    Socket& client = wire.connect();
    client.moved_before(before, 2 * before + 5);
    client.peer().moved_before(2 * before + 5, before);
    for (const char* target : {"/a", "/b"}) {
      client.send(get(target));
      client.peer().send(kNoContent);
    }
    EXPECT_EQ(wire.seen(),
              "server GET /a 204 under client GET /a\nclient GET /a 204 root\n"
              "server GET /b 204 under client GET /b\nclient GET /b 204 root\n");
  }
}

TEST(PipelineJoin, TheEndsOfAUnixSocketAreJoinedUntilTheyAreInDoubt) {
  Wire wire;
  Socket& client = wire.connect_unix();
  client.send(get("/a"));
  client.peer().send(kNoContent);
  client.send(get("/b"));
  client.doubt();
  client.peer().doubt();
  client.peer().send(kNoContent);
  client.send(get("/c"));
  client.peer().send(kNoContent);
  EXPECT_EQ(wire.settled(),
            "server GET /a 204 under client GET /a\nclient GET /a 204 root\n"
            "server GET /b 204 under client GET /b\nclient GET /b 204 root\n"
            "server GET /c 204 root\nclient GET /c 204 root\n");
  EXPECT_EQ(wire.pipeline.joiner().counters().unjoined_local.get(), 1u);
  for (const Span& span : wire.spans) {
    const auto* transport = span.attributes.find(AttributeKey::NetworkTransport);
    ASSERT_NE(transport, nullptr);
    EXPECT_EQ(span.attributes.text(*transport), "unix");
    EXPECT_EQ(span.attributes.find(AttributeKey::ServerPort), nullptr);
  }
}

TEST(PipelineJoin, ConnectionsDoNotMix) {
  Wire wire;
  Socket& one = wire.connect();
  Socket& two = wire.connect();
  one.send(get("/one"));
  two.send(get("/two"));
  two.peer().send(kNoContent);
  one.peer().send(kNoContent);
  EXPECT_EQ(wire.seen(),
            "server GET /two 204 under client GET /two\nclient GET /two 204 root\n"
            "server GET /one 204 under client GET /one\nclient GET /one 204 root\n");
}

TEST(PipelineJoin, ProbesAndTelemetryAreCountedAtBothEnds) {
  Wire wire;
  Socket& client = wire.connect();
  client.send(get("/healthz"));
  client.peer().send(kNoContent);
  client.send("POST /v1/traces HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc");
  client.peer().send(kNoContent);
  EXPECT_EQ(wire.settled(), "");
  EXPECT_EQ(wire.pipeline.joiner().counters().dropped_probe.get(), 2u);
  EXPECT_EQ(wire.pipeline.joiner().counters().dropped_intake.get(), 2u);
}

TEST(PipelineJoin, AReplayOfTheSameRecordsGivesTheSameSpans) {
  std::vector<std::string> runs[2];
  for (auto& run : runs) {
    Wire wire;
    Socket& client = wire.connect();
    client.send(get("/a"));
    client.peer().send(ok(3000));
    client.send(get("/b"));
    client.peer().send(kNoContent);
    wire.settled();
    for (const Span& span : wire.spans)
      run.push_back(Wire::title_of(span) + to_hex(span.trace_id) + to_hex(span.span_id) + to_hex(span.parent_id) +
                    std::to_string(span.end_unix_ns));
  }
  EXPECT_EQ(runs[0].size(), 4u);
  EXPECT_EQ(runs[0], runs[1]);
}

}  // namespace
}  // namespace suture::test

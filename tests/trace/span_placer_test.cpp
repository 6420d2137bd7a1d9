// Where spans that an SDK reported belong. Everywhere below a client that nobody instruments, of trace 1, calls a service whose SDK
// begins trace B, and the service uploads its spans from port 5000 to the gateway at port 4318.
#include "trace/span_placer.h"

#include <gtest/gtest.h>

#include "joining.h"
#include "trace/formats/hex.h"

namespace suture {
namespace {

using test::Joining;
using test::kMs;

constexpr std::uint16_t kClientPort = 4711, kGatewayPort = 4318, kUploadPort = 5000;

struct Placing final : ReportedSpans {
  explicit Placing(bool rewrite) {
    j.joiner.set_gateway({.port = kGatewayPort, .rewrite = rewrite}, *this);
    j.joiner.set_anchor({.monotonic_ns = 0, .unix_ns = 0});
    j.server_place.endpoints.remote_port = kClientPort;
  }
  std::vector<ReportedSpan> take() override { return std::exchange(reported, {}); }
  void on_placed(const Placement& placement) override { placed.push_back(placement); }

  /// The service sends telemetry, as it does every few seconds.
  void upload() {
    ExchangePlace place = j.client_place;
    place.connection = 9;
    place.endpoints.local_port = kUploadPort;
    place.endpoints.remote_port = kGatewayPort;
    const ProcessKey client = std::exchange(j.client_process, j.server_process);
    Joining::Half(j, place, Direction::Send, "POST /v1/traces", "", uploads++ * 100, Wanted::Yes).end();
    j.client_process = client;
  }
  /// Of the request that is being served now.
  ReportedSpan root(std::uint16_t port = kClientPort) const {
    ReportedSpan span;
    read_trace_id(std::string(32, 'b'), span.trace);
    read_span_id(std::string(16, 'b'), span.span);
    span.server = true;
    span.start_unix_ns = span.end_unix_ns = static_cast<std::int64_t>(j.now_ns);
    span.method = "GET";
    span.path = "/a";
    span.status = 204;
    span.peer_port = port;
    span.upload_port = kUploadPort;
    return span;
  }
  /// One request through both processes, served for 10 ms.
  ReportedSpan serve(std::uint64_t position = 0) {
    auto client = j.client("GET /a", "", position);
    j.joiner.unlinked(client.node(), 0);
    auto server = j.server("GET /a", "", position);
    j.wait(5 * kMs);
    const ReportedSpan span = root();
    j.wait(5 * kMs);
    server.end(), client.end();
    return span;
  }
  void report(const ReportedSpan& span) {
    reported.push_back(span);
    j.wait(kMs);
  }
  const Placement& last() const { return placed.back(); }

  Joining j;
  std::vector<ReportedSpan> reported;
  std::vector<Placement> placed;
  std::uint64_t uploads = 1;
};

TEST(SpanPlacer, ARootBelongsUnderTheClientSpanOfItsRequestAndReplacesOurServerSpan) {
  Placing p(true);
  const ReportedSpan span = p.serve();
  EXPECT_EQ(p.j.seen(), "client GET /a root\n");  // our server span waits: the service is new
  p.upload();
  p.report(span);
  ASSERT_EQ(p.placed.size(), 1u);
  EXPECT_TRUE(p.last().found);
  EXPECT_EQ(p.last().trace, p.j.spans[0].trace_id);
  EXPECT_EQ(p.last().parent, p.j.spans[0].span_id);
  p.j.wait(SpanPlacer::kWaitNs);
  EXPECT_EQ(p.j.seen(), "");
  EXPECT_EQ(p.j.joiner.forest_counters().dropped_sdk_server.get(), 1u);
}

TEST(SpanPlacer, AnUploadMayComeThroughTheRingAfterTheGatewayHasReadIt) {
  Placing p(true);
  p.report(p.serve());
  EXPECT_TRUE(p.placed.empty());
  p.j.wait(kMs);
  p.upload();
  p.j.wait(kMs);
  ASSERT_EQ(p.placed.size(), 1u);
  EXPECT_TRUE(p.last().found);
}

TEST(SpanPlacer, WhoTakesThePortAfterTheUploadIsNotWhoReported) {
  Placing p(true);
  p.report(p.serve());
  p.j.wait(SpanPlacer::kBehindNs + kMs);
  p.upload();
  p.j.wait(SpanPlacer::kPatienceNs);
  ASSERT_EQ(p.placed.size(), 1u);
  EXPECT_FALSE(p.last().found);
}

TEST(SpanPlacer, WithLinksOurServerSpanStaysAndNamesTheRoot) {
  Placing p(false);
  const ReportedSpan span = p.serve();
  p.upload();
  p.report(span);
  EXPECT_EQ(p.j.seen(), "client GET /a root\nserver GET /a under client GET /a\n");
  EXPECT_TRUE(p.last().found);
  EXPECT_EQ(p.last().server, p.j.spans[1].span_id);
  ASSERT_EQ(p.j.spans[1].links.size(), 1u);
  EXPECT_EQ(p.j.spans[1].links[0].trace_id, span.trace);
  EXPECT_EQ(p.j.spans[1].links[0].span_id, span.span);
}

TEST(SpanPlacer, WhatNoSdkReportsIsExportedInTheEnd) {
  Placing p(true);
  p.serve();
  p.j.seen();
  p.j.wait(SpanPlacer::kWaitNs);
  EXPECT_EQ(p.j.seen(), "server GET /a under client GET /a\n");
  // By now it is known that the service uploads nothing, and nothing waits any more.
  p.serve(1000);
  EXPECT_EQ(p.j.seen(), "server GET /a under client GET /a\nclient GET /a root\n");
}

TEST(SpanPlacer, WhatContradictsIsNotJoined) {
  const struct {
    const char* what;
    void (*change)(ReportedSpan&);
  } cases[] = {{"another client's port", [](ReportedSpan& s) { s.peer_port = 4712; }},
               {"no port, and no request sent on", [](ReportedSpan& s) { s.peer_port = 0; }},
               {"another method", [](ReportedSpan& s) { s.method = "PUT"; }},
               {"another path", [](ReportedSpan& s) { s.path = "/b"; }},
               {"another status", [](ReportedSpan& s) { s.status = 500; }},
               {"before it was read", [](ReportedSpan& s) { s.start_unix_ns -= 7 * static_cast<std::int64_t>(kMs); }},
               {"after it was answered", [](ReportedSpan& s) { s.start_unix_ns += 7 * static_cast<std::int64_t>(kMs); }},
               {"no server span", [](ReportedSpan& s) { s.server = false; }},
               {"uploaded by nobody knows whom", [](ReportedSpan& s) { s.upload_port = 5001; }},
               {"below a span that did not call", [](ReportedSpan& s) { s.parent.bytes[0] = 1; }}};
  for (const auto& each : cases) {
    Placing p(true);
    ReportedSpan span = p.serve();
    p.upload();
    each.change(span);
    p.report(span);
    p.j.wait(SpanPlacer::kPatienceNs);
    ASSERT_EQ(p.placed.size(), 1u) << each.what;
    EXPECT_FALSE(p.last().found) << each.what;
    p.j.wait(SpanPlacer::kWaitNs);
    EXPECT_EQ(p.j.seen(), "client GET /a root\nserver GET /a under client GET /a\n") << each.what;
  }
}

TEST(SpanPlacer, OneRequestIsOneSpansAndOneSpanIsOneRequests) {
  Placing p(true);
  ReportedSpan span = p.serve();
  p.upload();
  p.report(span);
  span.trace.bytes[0] = 1;
  p.report(span);  // a second root of the same request
  ASSERT_EQ(p.placed.size(), 2u);
  EXPECT_TRUE(p.placed[0].found);
  EXPECT_FALSE(p.placed[1].found);
  EXPECT_EQ(p.j.joiner.placer_counters().ambiguous.get(), 1u);
}

TEST(SpanPlacer, RequestsThatFitAlikeAreNotJoined) {
  Placing p(true);
  p.serve(0);
  ReportedSpan span = p.root();
  span.start_unix_ns = static_cast<std::int64_t>(p.j.now_ns);  // in milliseconds it is of the one that ends or of the one that begins
  p.serve(1000);
  p.upload();
  p.report(span);
  ASSERT_EQ(p.placed.size(), 1u);
  EXPECT_FALSE(p.last().found);
  EXPECT_EQ(p.j.joiner.placer_counters().ambiguous.get(), 1u);
}

TEST(SpanPlacer, WaitsForARequestThatHasNotEnded) {
  Placing p(true);
  auto client = p.j.client("GET /a");
  p.j.joiner.unlinked(client.node(), 0);
  auto server = p.j.server("GET /a");
  p.upload();
  p.report(p.root());  // an SDK that exports at once, before the answer is written
  EXPECT_TRUE(p.placed.empty());
  server.end(), client.end();
  p.j.wait(kMs);
  ASSERT_EQ(p.placed.size(), 1u);
  EXPECT_TRUE(p.last().found);
}

/// The service sends on trace B because of the request.
Joining::Half send_on(Placing& p, Joining::Half& server) {
  auto onward = p.j.onward("GET /b", "traceparent: 00-" + std::string(32, 'b') + "-00000000000000b2-01\r\n");
  p.j.joiner.link(onward.node(), server.node(), {"thread", 1.0, true});
  return onward;
}

TEST(SpanPlacer, WhatTheServiceSentOnProvesTheRequestWithoutAPort) {
  Placing p(true);
  auto client = p.j.client("GET /a");
  p.j.joiner.unlinked(client.node(), 0);
  auto server = p.j.server("GET /a");
  send_on(p, server).end();
  const ReportedSpan span = p.root(0);
  server.end(), client.end();
  p.upload();
  p.report(span);
  ASSERT_EQ(p.placed.size(), 1u);
  EXPECT_TRUE(p.last().found);
}

TEST(SpanPlacer, OurSpansInTheSdksTraceMoveWithIt) {
  Placing p(true);
  auto client = p.j.client("GET /a");
  p.j.joiner.unlinked(client.node(), 0);
  auto server = p.j.server("GET /a");
  auto onward = send_on(p, server);
  const ReportedSpan span = p.root();
  // A service behind, without an SDK, is called with trace B.
  ExchangePlace place = p.j.server_place;
  place.connection = 5;
  place.isn_own = 0xdddd, place.isn_peer = 0xcccc;
  p.j.server_process = {3, 3};
  Joining::Half(p.j, place, Direction::Receive, "GET /b", "traceparent: 00-" + std::string(32, 'b') + "-00000000000000b2-01\r\n", 0, Wanted::Yes).end();
  p.j.server_process = {2, 2};
  onward.end(), server.end(), client.end();
  p.upload();
  p.report(span);
  ASSERT_TRUE(p.last().found);
  p.j.wait(SpanPlacer::kWaitNs);
  ASSERT_EQ(p.j.seen(), "client GET /a root\nserver GET /b under remote\n");
  EXPECT_EQ(p.j.spans[1].trace_id, p.j.spans[0].trace_id);
}

TEST(SpanPlacer, AServerSpanWhoseParentPassedAProxyBelongsUnderTheProxysClientSpan) {
  Placing p(true);
  const std::string context = "traceparent: 00-" + std::string(32, 'b') + "-00000000000000b2-01\r\n";
  auto into = p.j.remote("GET /a", context);
  auto out = p.j.onward("GET /a", context);
  p.j.joiner.link(out.node(), into.node(), {"thread", 1.0, true});
  ExchangePlace place = p.j.server_place;
  place.connection = 5;
  place.isn_own = 0xdddd, place.isn_peer = 0xcccc;
  p.j.server_process = {3, 3};
  Joining::Half server(p.j, place, Direction::Receive, "GET /a", context, 0, Wanted::Yes);
  ReportedSpan span = p.root();
  read_span_id("00000000000000b2", span.parent);
  server.end(), out.end(), into.end();
  p.j.wait(200 * kMs);  // the proxy's own caller is not here
  p.upload();
  p.report(span);
  ASSERT_EQ(p.placed.size(), 1u);
  EXPECT_TRUE(p.last().found);
  ASSERT_EQ(p.j.seen(), "client GET /a under server GET /a\nserver GET /a under remote\n");
  EXPECT_EQ(p.last().parent, p.j.spans[0].span_id);
  EXPECT_EQ(p.last().trace, span.trace);
}

TEST(SpanPlacer, AParentThatIsTheCallersStays) {
  Placing p(true);
  const std::string context = "traceparent: 00-" + std::string(32, 'b') + "-00000000000000b2-01\r\n";
  auto client = p.j.client("GET /a", context);
  auto server = p.j.server("GET /a", context);
  ReportedSpan span = p.root();
  read_span_id("00000000000000b2", span.parent);
  server.end(), client.end();
  p.upload();
  p.report(span);
  p.j.wait(SpanPlacer::kPatienceNs);
  EXPECT_TRUE(p.placed.empty());  // where the trace belongs that the caller began is to be known first
  ReportedSpan root = p.root();
  root.server = false;
  p.report(root);
  p.j.wait(kMs);
  ASSERT_EQ(p.placed.size(), 2u);
  EXPECT_FALSE(p.placed[0].found);
  EXPECT_FALSE(p.placed[1].found);
}

TEST(SpanPlacer, WithoutAGatewayNothingWaits) {
  Joining j;
  auto client = j.client("GET /a");
  auto server = j.server("GET /a");
  server.end(), client.end();
  EXPECT_EQ(j.seen(), "server GET /a under client GET /a\nclient GET /a root\n");
}

}  // namespace
}  // namespace suture

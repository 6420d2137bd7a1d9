// Trace context that reaches a process otherwise than by its requests.
#include "wire.h"

namespace suture::test {
namespace {

constexpr const char* kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr const char* kParent = "00f067aa0ba902b7";

ProcessFacts job() {
  ProcessFacts facts;
  facts.exe = "/usr/bin/job";
  facts.traceparent = std::string("00-") + kTrace + "-" + kParent + "-01";
  facts.tracestate = "ci=1";
  return facts;
}

/// Of the client span that was exported last: "environment", another method, or "root".
std::string method_of_last_client(const Wire& wire) {
  for (auto span = wire.spans.rbegin(); span != wire.spans.rend(); ++span) {
    if (span->kind != SpanKind::Client) continue;
    const auto* method = span->attributes.find(AttributeKey::SutureLinkMethod);
    return method ? std::string(span->attributes.text(*method)) : "root";
  }
  return "none";
}

TEST(PipelineEnvironment, IsTheParentOfWhatAJobSends) {
  PipelineOptions options;
  options.sampling.sampler.parent_based = false;
  Wire wire(std::move(options));
  wire.start(kCurl, job());
  Socket& client = wire.connect();
  exchange(client, "/a");
  EXPECT_EQ(wire.settled(), "server GET /a 204 under client GET /a\nclient GET /a 204 under remote\n");
  const Span& span = wire.spans[1];
  EXPECT_EQ(to_hex(span.trace_id), kTrace);
  EXPECT_EQ(to_hex(span.parent_id), kParent);
  EXPECT_EQ(span.trace_state, "ci=1");
  EXPECT_EQ(method_of_last_client(wire), "environment");
  exchange(client, "/b", kNoContent, "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00\r\n");
  wire.settled();
  EXPECT_EQ(method_of_last_client(wire), "header");
}

TEST(PipelineEnvironment, CountsUntilSomethingIsReceived) {
  Wire wire;
  wire.start(kShop, job());
  exchange(wire.connect(kShop, kCurl), "/before");
  wire.settled();
  EXPECT_EQ(method_of_last_client(wire), "environment");
  exchange(wire.connect(kCurl, kShop), "/received");
  wire.settled();
  exchange(wire.connect(kShop, kCurl), "/after");
  wire.settled();
  EXPECT_EQ(method_of_last_client(wire), "root");
}

TEST(PipelineEnvironment, SaysNothingOfProcessesOlderThanTheAgentAndIsPassedToChildren) {
  const ProcessKey child{101, 7};
  Wire wire;
  wire.fork(kShop, child);  // whether its parent has received anything nobody knows
  exchange(wire.connect(child), "/stranger");
  wire.settled();
  EXPECT_EQ(method_of_last_client(wire), "root");
  Wire seen;
  seen.start(kShop, job());
  seen.fork(kShop, child);
  exchange(seen.connect(child), "/child");
  seen.settled();
  EXPECT_EQ(method_of_last_client(seen), "environment");
  exchange(seen.connect(kCurl, kShop), "/received");
  seen.fork(kShop, {102, 8});
  exchange(seen.connect({102, 8}), "/late-child");
  seen.settled();
  EXPECT_EQ(method_of_last_client(seen), "root");
}

TEST(PipelineEnvironment, IsNotReadWhereW3CContextIsNot) {
  PipelineOptions options;
  options.context.propagators = {Propagator::B3};
  Wire wire(std::move(options));
  wire.start(kCurl, job());
  exchange(wire.connect(), "/a");
  wire.settled();
  EXPECT_EQ(method_of_last_client(wire), "root");
}

TEST(PipelineSdk, LeavesToAnSdkWhatItReports) {
  const std::string prefix = std::string("traceparent: 00-") + kTrace + "-";
  const ProcessKey stock{300, 7};
  Wire wire;
  Socket& in = wire.connect();
  in.unobserved();
  in.send(get("/a", prefix + "00000000000000a1-01\r\n"));
  Socket& out = wire.connect(kShop, stock, 9090);
  out.send(get("/b", prefix + "00000000000000a2-01\r\n"));
  out.peer().send(kNoContent);
  in.peer().send(kNoContent);
  EXPECT_EQ(wire.settled(), "");  // the stock may have an SDK too
  wire.wait(SdkWatch::kSilenceNs);
  EXPECT_EQ(wire.seen(), "server GET /b 204 under remote\n");
  EXPECT_EQ(to_hex(wire.spans[0].parent_id), "00000000000000a2");
  EXPECT_EQ(wire.pipeline.joiner().forest_counters().dropped_sdk_client.get(), 1u);
  EXPECT_EQ(wire.pipeline.joiner().forest_counters().dropped_sdk_server.get(), 1u);
  wire.exec(stock, "/usr/bin/stock");  // another program: to be found out anew
  Socket& again = wire.connect(kShop, stock, 9090);
  exchange(again, "/c", kNoContent, prefix + "00000000000000a3-01\r\n");
  EXPECT_EQ(wire.settled(), "");
  wire.wait(SdkWatch::kSilenceNs);
  EXPECT_EQ(wire.seen(), "server GET /c 204 under remote\n");
}

}  // namespace
}  // namespace suture::test

// Which traces leave a whole pipeline.
#include "sampling/keep_parser.h"
#include "wire.h"

namespace suture::test {
namespace {

constexpr const char* kSampled = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n";
constexpr const char* kNotSampled = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00\r\n";
constexpr const char* kFailure = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n";

PipelineOptions keeping(const char* rule) {
  PipelineOptions options;
  options.sampling.keep = parse_keep_rule(rule).value();
  return options;
}

TEST(PipelineSampling, LeavesOutWhatItsCallerDidNotSample) {
  Wire wire;
  exchange(wire.connect(), "/a", kNoContent, kNotSampled);
  EXPECT_EQ(wire.settled(), "");
  EXPECT_EQ(wire.pipeline.sampling().counters().not_sampled.get(), 2u);
}

TEST(PipelineSampling, KeepsWholeTracesSomeTimeAfterTheirEnd) {
  Wire wire(keeping("error"));
  Socket& client = wire.connect();
  exchange(client, "/fails", kFailure);
  exchange(client, "/works", kNoContent);
  EXPECT_EQ(wire.settled(), "");
  EXPECT_EQ(wire.pipeline.held(), 4u);
  wire.wait(2'000 * kMs);
  EXPECT_EQ(wire.seen(), "server GET /fails 500 500 under client GET /fails\nclient GET /fails 500 500 root\n");
  for (const Span& span : wire.spans) EXPECT_EQ(span.trace_state, "ot=th:0");
  EXPECT_EQ(wire.pipeline.sampling().counters().sampled_out.get(), 2u);
}

TEST(PipelineSampling, DoesNotCutTracesThatBeganElsewhere) {
  Wire wire(keeping("error"));
  Socket& client = wire.connect();
  client.unobserved();
  exchange(client, "/a", kNoContent, kSampled);
  wire.wait(6'000 * kMs);  // until no SDK has shown itself
  ASSERT_EQ(wire.seen(), "server GET /a 204 under remote\n");
  EXPECT_TRUE(wire.spans[0].attributes.find(AttributeKey::SuturePartial));
}

}  // namespace
}  // namespace suture::test

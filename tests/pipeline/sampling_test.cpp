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

/// kShop is asked, and asks the service on port 9090 meanwhile. `fields` come with the request.
void chain(Wire& wire, const char* target, std::string_view inner_answer, std::string_view fields = "") {
  Socket& outer = wire.connect();
  Socket& inner = wire.connect(kShop, {300, 7}, 9090);
  outer.unobserved();
  outer.send(get(target, fields));
  inner.send(get("/inner"));
  inner.peer().send(inner_answer);
  outer.peer().send(kNoContent);
}

TEST(PipelineSampling, LeavesOutWhatItsCallerDidNotSample) {
  Wire wire;
  chain(wire, "/a", kNoContent, kNotSampled);
  EXPECT_EQ(wire.settled(), "");
  EXPECT_EQ(wire.pipeline.sampling().counters().not_sampled.get(), 3u);
}

TEST(PipelineSampling, KeepsWholeTraces) {
  Wire wire(keeping("error"));
  chain(wire, "/fails-within", kFailure);
  chain(wire, "/works", kNoContent);
  EXPECT_EQ(wire.settled(), "");
  EXPECT_EQ(wire.pipeline.held(), 6u);
  wire.wait(2'000 * kMs);
  EXPECT_EQ(wire.seen(), "server GET /inner 500 500 under client GET /inner\nclient GET /inner 500 500 under server GET /fails-within\n"
                         "server GET /fails-within 204 root\n");
  for (const Span& span : wire.spans) EXPECT_EQ(span.trace_state, "ot=th:0");
}

TEST(PipelineSampling, DoesNotCutTracesThatBeganElsewhere) {
  Wire wire(keeping("error"));
  chain(wire, "/a", kNoContent, kSampled);
  wire.wait(6'000 * kMs);  // until no SDK has shown itself
  ASSERT_EQ(wire.spans.size(), 3u);
  for (const Span& span : wire.spans) {
    EXPECT_TRUE(span.begun_elsewhere);
    EXPECT_TRUE(span.attributes.find(AttributeKey::SuturePartial));
  }
}

}  // namespace
}  // namespace suture::test

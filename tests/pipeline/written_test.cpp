// Contexts that our own programs write onto the wire: the spans say the same, and positions are those of the wire.
#include "trace/written_contexts.h"
#include "wire.h"

namespace suture::test {
namespace {

event_trace context() {
  event_trace event{};
  event.trace_flags = 3;
  std::fill(std::begin(event.trace_id), std::end(event.trace_id), std::uint8_t{0xaa});
  std::fill(std::begin(event.span_id), std::end(event.span_id), std::uint8_t{0xbb});
  return event;
}

class Written : public ::testing::Test {
 protected:
  /// curl asks the shop, which asks the stock because of that.
  void ask() { in_.send(get("/a")); }
  void pass_on(const std::string& text) {
    out_.send_written(text, context(), WrittenContexts::inserted_text(context()), in_.peer());
    wire_.works_for(out_, in_.peer());
  }
  void answer() {
    out_.peer().send(kNoContent);
    in_.peer().send(kNoContent);
  }
  const Span& span(std::string_view title) {
    for (const Span& each : wire_.spans)
      if (Wire::title_of(each).starts_with(title)) return each;
    ADD_FAILURE() << "no " << title;
    return wire_.spans.front();
  }

  Wire wire_;
  Socket& in_ = wire_.connect();
  Socket& out_ = wire_.connect(kShop, kStock, 9090);
};

TEST_F(Written, IsWhatAllSpansSay) {
  in_.unobserved();  // the caller is on another host
  ask();
  in_.peer().begins(context());
  pass_on(get("/b"));
  answer();
  wire_.wait(7'000 * kMs);  // a server whose request has a context may have an SDK that reports it
  ASSERT_EQ(wire_.spans.size(), 3u);
  for (const Span& each : wire_.spans) EXPECT_EQ(each.trace_id, WrittenContexts::trace_of(context())) << Wire::title_of(each);
  EXPECT_EQ(span("client GET /b").span_id, WrittenContexts::span_of(context()));
  EXPECT_EQ(span("client GET /b").parent_id, span("server GET /a").span_id);
  EXPECT_EQ(span("server GET /b").parent_id, span("client GET /b").span_id);
  EXPECT_EQ(wire_.pipeline.joiner().counters().written.get(), 1u);
  EXPECT_EQ(wire_.pipeline.joiner().counters().written_otherwise.get(), 0u);
}

TEST_F(Written, HandsOnTheTraceState) {
  in_.unobserved();
  ask();
  in_.peer().begins(context());
  out_.send_written(get("/b"), context(), WrittenContexts::inserted_text(context()) + "tracestate: a=1,b=2\r\n", in_.peer());
  wire_.works_for(out_, in_.peer());
  answer();
  wire_.wait(7'000 * kMs);
  EXPECT_EQ(span("server GET /b").trace_state, "a=1,b=2");
  EXPECT_EQ(span("server GET /b").parent_id, span("client GET /b").span_id);
  EXPECT_EQ(wire_.pipeline.http_counters().holes.get(), 0u);
}

TEST_F(Written, SaysThatTheWireToldItsCauseWhereNothingElseDoes) {
  Socket& other = wire_.connect();
  in_.unobserved();
  ask();
  in_.peer().begins(context());
  other.send(get("/c"));
  out_.send_written(get("/b"), context(), WrittenContexts::inserted_text(context()), in_.peer());
  wire_.works_for(out_, other.peer());
  answer();
  other.peer().send(kNoContent);
  wire_.wait(7'000 * kMs);
  const Span& client = span("client GET /b");
  EXPECT_EQ(client.trace_id, WrittenContexts::trace_of(context()));
  EXPECT_EQ(client.parent_id, span("server GET /a").span_id);
  EXPECT_EQ(client.attributes.text(*client.attributes.find(AttributeKey::SutureLinkMethod)), "header");
  EXPECT_EQ(wire_.pipeline.joiner().counters().written_otherwise.get(), 0u);  // nobody else was named
}

TEST_F(Written, MovesWhatFollowsOnTheWire) {
  ask();
  in_.peer().begins(context());
  const std::string body(3000, 'b');
  pass_on("POST /b HTTP/1.1\r\nContent-Length: 3000\r\n\r\n" + body);
  out_.peer().send(kNoContent);
  for (int i = 0; i < 2; ++i) {  // later requests of the connection, as they are
    out_.send(get("/c"));
    out_.peer().send(kNoContent);
  }
  in_.peer().send(kNoContent);
  wire_.settled();
  EXPECT_EQ(wire_.pipeline.joiner().counters().joined.get(), 4u);
  EXPECT_EQ(wire_.pipeline.http_counters().holes.get(), 0u);
  EXPECT_EQ(wire_.pipeline.http_counters().exchanges.get(), 8u);
}

// Whoever called the shop has a trace already, and the shop's own begins too late for it: nothing hangs under what is nowhere.
TEST_F(Written, IsARootWithALinkWhereItsParentIsInAnotherTrace) {
  ask();
  wire_.wait(500 * kMs);
  in_.peer().begins(context());
  pass_on(get("/b"));
  answer();
  wire_.settled();
  const Span& client = span("client GET /b");
  EXPECT_EQ(client.trace_id, WrittenContexts::trace_of(context()));
  EXPECT_FALSE(client.parent_id.valid());
  EXPECT_NE(span("server GET /a").trace_id, client.trace_id);
  ASSERT_EQ(client.links.size(), 1u);
  EXPECT_EQ(client.links[0].span_id, span("server GET /a").span_id);
}

// Before it sends anything: connections that are open by then carry nothing.
TEST(PipelineChosen, AProcessIsFollowedAsSoonAsItHasItsName) {
  PipelineOptions options;
  options.traced.executables = {"shop"};
  Wire wire(options);
  wire.exec(kShop, "/usr/bin/shop");
  wire.exec(kStock, "/usr/bin/stock");
  wire.wait(200 * kMs);
  ASSERT_EQ(wire.traced.size(), 1u);
  EXPECT_EQ(wire.traced[0], std::pair(kShop.tgid, std::optional<std::uint32_t>(0)));
}

TEST_F(Written, IsRefusedWhereItContradictsItself) {
  ask();
  out_.send_written(get("/b"), context(), "traceparent: of another length\r\n", in_.peer());
  EXPECT_EQ(wire_.pipeline.counters().malformed.get(), 1u);
}

}  // namespace
}  // namespace suture::test

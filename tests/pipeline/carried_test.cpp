// Traces that agents of other hosts send along with requests, beside their bytes.
#include "trace/span_id.h"
#include "trace/written_contexts.h"
#include "wire.h"

namespace suture::test {
namespace {

event_trace told_context() {
  event_trace event{};
  event.trace_flags = 1;
  std::fill(std::begin(event.trace_id), std::end(event.trace_id), std::uint8_t{0xaa});
  return event;
}

class Carried : public ::testing::Test {
 protected:
  Carried() {
    client_.unobserved();  // it is on another host
    server_.from(kRemote);
  }
  void ask(const std::string& request) {
    client_.send(request);
    server_.send(kNoContent);
  }
  const Span& only() {
    wire_.wait(7'000 * kMs);
    EXPECT_EQ(wire_.spans.size(), 1u);
    return wire_.spans.front();
  }
  static constexpr std::array<std::uint8_t, 4> kRemote{192, 0, 2, 1};

  Wire wire_;
  Socket& client_ = wire_.connect();
  Socket& server_ = client_.peer();
};

TEST_F(Carried, PutTheSpanUnderTheClientsOfTheOtherHost) {
  ask(get("/a"));
  wire_.settled();
  server_.is_told(told_context());
  ask(get("/b"));
  wire_.settled();
  ASSERT_EQ(wire_.spans.size(), 2u);
  EXPECT_FALSE(wire_.spans[0].parent_id.valid());
  const Span& second = wire_.spans[1];
  EXPECT_EQ(second.trace_id, WrittenContexts::trace_of(told_context()));
  EXPECT_EQ(second.trace_flags, 1);
  EXPECT_EQ(second.parent_id, derive_span_id(IdKey{}, server_.isn_peer(), server_.isn_own(), get("/a").size(), SpanKind::Client));
  EXPECT_EQ(second.attributes.text(*second.attributes.find(AttributeKey::SutureLinkMethod)), "connection");
  EXPECT_EQ(wire_.pipeline.joiner().remote_edges().counters().linked.get(), 1u);
}

TEST_F(Carried, AreForTheByteThatTheyNameAndNoOther) {
  event_trace elsewhere = told_context();
  client_.write(get("/a").substr(0, 4));
  server_.read(get("/a").substr(0, 4));
  server_.is_told(elsewhere);
  client_.write(get("/a").substr(4));
  server_.read(get("/a").substr(4));
  server_.send(kNoContent);
  EXPECT_FALSE(only().parent_id.valid());
}

TEST_F(Carried, AreOutweighedByAHeader) {
  server_.is_told(told_context());
  ask(get("/a", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"));
  EXPECT_EQ(to_hex(only().trace_id), "0af7651916cd43dd8448eb211c80319c");
}

TEST_F(Carried, AreNotBelievedOfThisHost) {
  server_.from({127, 0, 0, 1});  // its client was missed, and its span will not come
  server_.is_told(told_context());
  ask(get("/a"));
  EXPECT_FALSE(only().parent_id.valid());
}

TEST(PipelineCarried, NamesNothingWhereTheClientIsHere) {
  Wire wire;
  Socket& client = wire.connect();
  client.peer().is_told(told_context());
  client.send(get("/a"));
  client.peer().send(kNoContent);
  EXPECT_EQ(wire.settled(), "server GET /a 204 under client GET /a\nclient GET /a 204 root\n");
}

// What is sent on the further way is in the trace that came: the kernel's programs know it as well.
TEST_F(Carried, ReachWhatIsWrittenBecauseOfThem) {
  Socket& out = wire_.connect(kShop, {300, 7}, 9090);
  server_.is_told(told_context());
  client_.send(get("/a"));
  out.send_written(get("/b"), told_context(), "", server_);
  wire_.works_for(out, server_);
  out.peer().send(kNoContent);
  server_.send(kNoContent);
  wire_.settled();
  ASSERT_EQ(wire_.spans.size(), 3u);
  for (const Span& span : wire_.spans) {
    EXPECT_EQ(span.trace_id, WrittenContexts::trace_of(told_context())) << Wire::title_of(span);
    EXPECT_TRUE(span.parent_id.valid()) << Wire::title_of(span);
  }
}

}  // namespace
}  // namespace suture::test

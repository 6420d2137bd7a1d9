// Requests that left with a context of ours, and what links say of them afterwards.
#include "joining.h"

namespace suture {
namespace {

using test::Joining;
using test::kMs;

constexpr TraceId kWritten{{0xaa, 1}};

class JoinerWritten : public ::testing::Test {
 protected:
  /// The request was written for `told`, and is over.
  void finish() {
    onward_.end();
    told_.end();
    other_.end();
    j_.wait(200 * kMs);
    for (const Span& span : j_.spans)
      if (test::title_of(span) == "client GET /next") client_ = span;
  }
  std::string method() const { return std::string(client_.attributes.text(*client_.attributes.find(AttributeKey::SutureLinkMethod))); }
  double confidence() const { return client_.attributes.find(AttributeKey::SutureLinkConfidence)->value.number; }

  Joining j_;
  Joining::Half told_ = j_.server("GET /told"), other_ = j_.remote("GET /other"), onward_ = j_.onward("GET /next");
  Span client_;

  JoinerWritten() {
    j_.joiner.begin_trace(told_.node(), kWritten, 3);
    j_.joiner.written(onward_.node(), kWritten, {}, 3, told_.node());
  }
};

TEST_F(JoinerWritten, StaysWhereTheWireSaysAndOwnsThatLinksSayOtherwise) {
  j_.joiner.link(onward_.node(), other_.node(), {"thread", 1.0});
  finish();
  EXPECT_EQ(test::parent_of(client_, j_.spans), "under server GET /told");
  EXPECT_EQ(client_.trace_id, kWritten);
  EXPECT_EQ(method(), "header");
  EXPECT_EQ(confidence(), 0);
  EXPECT_EQ(j_.joiner.counters().written_otherwise.get(), 1u);
}

TEST_F(JoinerWritten, IsAsSureAsTheLinkThatAgrees) {
  j_.joiner.link(onward_.node(), told_.node(), {"thread", 0.9});
  finish();
  EXPECT_EQ(test::parent_of(client_, j_.spans), "under server GET /told");
  EXPECT_EQ(method(), "thread");
  EXPECT_EQ(confidence(), 0.9);
  EXPECT_EQ(j_.joiner.counters().written_otherwise.get(), 0u);
}

}  // namespace
}  // namespace suture

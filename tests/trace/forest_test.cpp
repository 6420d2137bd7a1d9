// Trees of exchanges, where what joins them does not come in order. See joiner_test.cpp for when it does.
#include "trace/forest.h"

#include <gtest/gtest.h>

#include <vector>

namespace suture {
namespace {

class Spans final : public SpanReceiver {
 public:
  void on_span(Span&& span) override { spans.push_back(std::move(span)); }
  std::vector<Span> spans;
};

class ForestTest : public ::testing::Test {
 protected:
  NodeId add(std::uint8_t number) { return forest_.add(SpanId{{number}}, Wanted::Yes, false, {}); }
  void end(NodeId node, SpanKind kind) {
    Span span;
    span.kind = kind;
    forest_.end(node, std::move(span), 1);
  }

  SeededIdSource ids_{IdKey{}};
  Spans out_;
  Forest forest_{ids_, out_};
};

TEST_F(ForestTest, LetsGoOfWhatWasThereBeforeItsParentHadToWait) {
  const NodeId server = add(1), client = add(2);
  forest_.stand_alone(server);
  forest_.hang(client, server, {"thread"});
  forest_.suspend(server);  // events were lost: what is said of it comes after what hangs under it
  end(client, SpanKind::Client);
  end(server, SpanKind::Server);
  EXPECT_EQ(out_.spans.size(), 0u);
  forest_.let_go(server);
  EXPECT_EQ(forest_.held(), 0u);
  EXPECT_EQ(out_.spans.size(), 2u);
}

}  // namespace
}  // namespace suture

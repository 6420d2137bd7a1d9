#include <gtest/gtest.h>

#include "counted.h"
#include "metrics/instruments.h"

namespace suture {
namespace {

using namespace test;

constexpr std::uint64_t kWait = 1'000;

class Graph : public ::testing::Test {
 protected:
  void add(const Span& span, std::string_view service, std::uint64_t now_ns = 0) { graph_.add(span, service, now_ns); }

  Span client(std::uint8_t id, std::int64_t status = 200) {
    Span span = http_span(SpanKind::Client, kShop, "GET", status, 4);
    span.span_id = span_id(id);
    return span;
  }
  Span server_under(std::uint8_t id, std::int64_t status = 200) {
    Span span = http_span(SpanKind::Server, kStock, "GET", status, 2);
    span.parent_id = span_id(id);
    return span;
  }
  std::string edges(const Instrument& instrument = instruments::kEdgeRequests) {
    MetricSnapshot snapshot;
    snapshot.groups.push_back({Resource(), true, {}});
    graph_.append_to(snapshot.groups.front());
    return series(snapshot, instrument);
  }

  SeriesBudget budget_{100};
  ServiceGraph graph_{kStart, {.wait_ns = kWait, .waiting = 2, .edges = 2}, budget_};
};

TEST_F(Graph, CountsAPairInWhateverOrderItsSpansCome) {
  add(client(1), "shop");
  add(server_under(1), "stock");
  add(server_under(2, 500), "stock");
  add(client(2, 500), "shop");
  EXPECT_EQ(edges(), "client=shop server=stock: 2\n");
  EXPECT_EQ(edges(instruments::kEdgeFailed), "client=shop server=stock: 1\n");
  EXPECT_EQ(edges(instruments::kEdgeServer), "client=shop server=stock: 2 in 0.004 s\n");
  EXPECT_EQ(edges(instruments::kEdgeClient), "client=shop server=stock: 2 in 0.008 s\n");
  EXPECT_EQ(graph_.waiting(), 0u);
}

TEST_F(Graph, TakesForAVirtualNodeWhoIsNotSeenHere) {
  Span root = server_under(0);
  root.parent_id = {};
  add(root, "shop");
  add(client(1), "shop");
  graph_.tick(kWait - 1);
  EXPECT_EQ(edges(), "client=user server=shop connection_type=virtual_node: 1\n");
  graph_.tick(kWait);
  EXPECT_EQ(edges(), "client=shop server=stock.local connection_type=virtual_node: 1\nclient=user server=shop connection_type=virtual_node: 1\n");
  EXPECT_EQ(edges(instruments::kEdgeUnpaired), "");
}

TEST_F(Graph, CountsAsUnpairedWhatAnotherHostsAgentSeesFromItsSide) {
  Span remote = server_under(1);
  remote.parent_is_remote = true;
  add(remote, "stock");
  add(server_under(2), "stock");
  graph_.tick(kWait);
  EXPECT_EQ(edges(), "");
  EXPECT_EQ(edges(instruments::kEdgeUnpaired), "client= server=stock: 2\n");
}

TEST_F(Graph, DoesNotWaitLongerThanThereIsRoom) {
  for (std::uint8_t id = 1; id <= 3; ++id) add(client(id), "shop");
  EXPECT_EQ(graph_.waiting(), 2u);
  EXPECT_EQ(edges(), "client=shop server=stock.local connection_type=virtual_node: 1\n");
}

TEST_F(Graph, CountsEdgesBeyondTheLimitTogether) {
  for (const char* service : {"a", "b", "c", "d"}) {
    Span root = server_under(0);
    root.parent_id = {};
    add(root, service);
  }
  EXPECT_EQ(edges(),
            "client=user server=a connection_type=virtual_node: 1\nclient=user server=b connection_type=virtual_node: 1\notel.metric.overflow=1: 2\n");
}

}  // namespace
}  // namespace suture

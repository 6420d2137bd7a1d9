// Requests between hosts: what is told and asked, and that no span ever names a parent whose trace it does not share.
#include "trace/remote_edges.h"

#include <gtest/gtest.h>

#include <map>

#include "joining.h"

namespace suture {
namespace {

using test::Joining;
using test::kMs;
using test::kTraceparent;

/// What two agents share; answers when told to.
class Store : public EdgeStore {
 public:
  void tell(const SpanId& edge, const std::optional<EdgeTrace>& trace) override { told[edge] = trace; }
  bool ask(const SpanId& edge) override {
    if (room == 0) return false;
    --room;
    asked.push_back(edge);
    return true;
  }
  std::vector<Answer> take(std::uint64_t) override { return std::exchange(answers, {}); }
  void finish() override {}
  EdgeStoreLedger ledger() const override { return {}; }

  /// As if the agent of another host had told it.
  void answer(std::size_t question, std::optional<EdgeTrace> trace, bool promised = false) {
    answers.push_back({asked.at(question), trace, promised});
  }

  std::map<SpanId, std::optional<EdgeTrace>> told;
  std::vector<SpanId> asked;
  std::vector<Answer> answers;
  std::size_t room = 100;
};

const EdgeTrace kElsewhere{{{0xab}}, 3};

/// A host of several; both ends are those of Joining, seen from one side alone.
struct Host : Joining {
  explicit Host(EdgeStore* store) {
    client_place.loopback_peer = server_place.loopback_peer = false;
    joiner.join_other_hosts(store);
  }
  const RemoteEdges::Counters& counters() const { return joiner.remote_edges().counters(); }
  std::string edge_of(std::size_t span) const {
    const auto* entry = spans.at(span).attributes.find(AttributeKey::SutureEdgeId);
    return entry ? std::string(spans.at(span).attributes.text(*entry)) : "";
  }
};

TEST(RemoteEdges, BothHostsNameTheEdgeByTheClientSpansId) {
  Store store;
  Host a(&store), b(&store);
  a.client("GET /a").end();
  b.server("GET /a").end();
  a.wait(100 * kMs), b.wait(100 * kMs);
  ASSERT_EQ(a.spans.size(), 1u);
  ASSERT_EQ(store.asked.size(), 1u);
  EXPECT_EQ(store.asked[0], a.spans[0].span_id);
  ASSERT_TRUE(store.told.at(a.spans[0].span_id));
  EXPECT_EQ(store.told.at(a.spans[0].span_id)->trace, a.spans[0].trace_id);
  EXPECT_EQ(b.seen(), "");
  store.answer(0, store.told.at(store.asked[0]));
  b.wait(50 * kMs);
  EXPECT_EQ(b.seen(), "server GET /a under remote\n");
  EXPECT_EQ(b.spans[0].parent_id, a.spans[0].span_id);
  EXPECT_EQ(b.spans[0].trace_id, a.spans[0].trace_id);
  EXPECT_TRUE(b.spans[0].begun_elsewhere);
  EXPECT_EQ(b.edge_of(0), "");
  EXPECT_EQ(b.counters().linked.get(), 1u);
}

TEST(RemoteEdges, WhatHangsBelowTakesTheTraceAlong) {
  Store store;
  Host b(&store);
  auto server = b.server("GET /a");
  auto onward = b.onward("GET /b");
  b.joiner.link(onward.node(), server.node(), {"thread"});
  onward.end(), server.end();
  b.wait(100 * kMs);
  EXPECT_EQ(b.seen(), "");
  ASSERT_EQ(store.asked.size(), 1u);
  ASSERT_EQ(store.told.size(), 1u);
  EXPECT_FALSE(store.told.begin()->second) << "the trace is promised before it is known";
  store.answer(0, kElsewhere);
  b.wait(50 * kMs);
  EXPECT_EQ(b.seen(), "client GET /b under server GET /a\nserver GET /a under remote\n");
  for (const Span& span : b.spans) EXPECT_EQ(span.trace_id, kElsewhere.trace);
  b.wait(50 * kMs);
  ASSERT_TRUE(store.told.begin()->second);
  EXPECT_EQ(store.told.begin()->second->trace, kElsewhere.trace);
}

TEST(RemoteEdges, WithoutAnAnswerBothEndsAreRootsThatCarryTheEdge) {
  Store store;
  for (EdgeStore* const shared : {static_cast<EdgeStore*>(nullptr), static_cast<EdgeStore*>(&store)}) {
    Host a(shared), b(shared);
    a.client("GET /a").end();
    b.server("GET /a").end();
    a.wait(100 * kMs), b.wait(100 * kMs);
    if (shared) store.answer(0, std::nullopt);
    b.wait(50 * kMs);
    EXPECT_EQ(a.seen(), "client GET /a root\n");
    EXPECT_EQ(b.seen(), "server GET /a root\n");
    EXPECT_EQ(a.edge_of(0), to_hex(a.spans[0].span_id));
    EXPECT_EQ(b.edge_of(0), a.edge_of(0));
    EXPECT_EQ((shared ? b.counters().not_found : b.counters().no_store).get(), 1u);
    EXPECT_EQ(a.counters().sent.get(), 1u);
  }
}

TEST(RemoteEdges, WhatNobodyTellsAndCameThroughAProxyIsCountedApart) {
  Store store;
  Host b(&store);
  b.server("GET /a", "X-Forwarded-For: 203.0.113.7\r\n").end();
  b.wait(100 * kMs);
  store.answer(0, std::nullopt);
  b.wait(50 * kMs);
  EXPECT_EQ(b.seen(), "server GET /a root\n");
  EXPECT_EQ(b.counters().proxied.get(), 1u);
  EXPECT_EQ(b.counters().not_found.get(), 0u);
}

TEST(RemoteEdges, AnAnswerThatComesTooLateChangesNothing) {
  Store store;
  Host b(&store);
  b.server("GET /a").end();
  b.wait(100 * kMs);
  b.wait(5'000 * kMs);  // the hold
  EXPECT_EQ(b.seen(), "server GET /a root\n");
  store.answer(0, kElsewhere);
  b.wait(50 * kMs);
  EXPECT_EQ(b.counters().late.get(), 1u);
  EXPECT_EQ(b.seen(), "");
}

TEST(RemoteEdges, AsksAgainForWhatIsPromisedWhileTheRequestRuns) {
  Store store;
  Host b(&store);
  auto server = b.server("GET /a");
  b.wait(100 * kMs);
  store.answer(0, std::nullopt, true);
  b.wait(50 * kMs);
  ASSERT_EQ(store.asked.size(), 2u);
  server.end();
  store.answer(1, std::nullopt, true);
  b.wait(50 * kMs);
  EXPECT_EQ(store.asked.size(), 2u);
  EXPECT_EQ(b.seen(), "server GET /a root\n");
}

TEST(RemoteEdges, OnlyWhatTheWireDoesNotTellIsToldOrAsked) {
  Store store;
  Host host(&store);
  host.server("GET /a", kTraceparent).end();
  host.client("GET /b", kTraceparent, 50).end();
  host.wait(100 * kMs);
  auto client = host.client("GET /c", "", 100);
  auto server = host.server("GET /c", "", 100);
  server.end(), client.end();
  host.wait(100 * kMs);
  EXPECT_EQ(host.seen(), "client GET /b under remote\nserver GET /a under remote\nserver GET /c under client GET /c\nclient GET /c root\n");
  EXPECT_TRUE(store.asked.empty());
  EXPECT_TRUE(store.told.empty());
  for (std::size_t i = 0; i < host.spans.size(); ++i) EXPECT_EQ(host.edge_of(i), "") << i;
}

TEST(RemoteEdges, NothingIsDoneWithoutASharedKey) {
  Joining alone;
  alone.server_place.loopback_peer = alone.client_place.loopback_peer = false;
  alone.client("GET /a", "", 50).end();
  alone.server("GET /b").end();
  alone.wait(100 * kMs);
  for (const Span& span : alone.spans) EXPECT_EQ(span.attributes.find(AttributeKey::SutureEdgeId), nullptr);
  EXPECT_EQ(alone.joiner.remote_edges().counters().received.get(), 0u);
}

TEST(RemoteEdges, WithoutRoomARequestIsARootAtOnce) {
  Store store;
  store.room = 0;
  Host b(&store);
  b.server("GET /a").end();
  b.wait(100 * kMs);
  EXPECT_EQ(b.seen(), "server GET /a root\n");
  EXPECT_EQ(b.counters().no_room.get(), 1u);
}

TEST(RemoteEdges, TheEndLeavesNobodyWaiting) {
  Store store;
  Host b(&store);
  b.server("GET /a").end();
  b.joiner.flush();
  EXPECT_EQ(b.seen(), "server GET /a root\n");
  EXPECT_EQ(b.joiner.held(), 0u);
  const RemoteEdges::Counters& c = b.counters();
  EXPECT_EQ(c.received.get(), c.linked.get() + c.no_store.get() + c.not_found.get() + c.proxied.get() + c.unreachable.get() + c.no_room.get() + c.late.get());
}

}  // namespace
}  // namespace suture

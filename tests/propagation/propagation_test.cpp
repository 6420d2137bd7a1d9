#include "propagating.h"

namespace suture::test {
namespace {

TEST(Propagation, TellsWhatBecomesOfAContext) {
  Propagating p;
  p.handles(kOrders, context(1, 1), context(1, 2));
  p.handles(kOrders, context(1, 1), context(1, 1));
  p.handles(kOrders, context(1, 1), std::nullopt);
  p.handles(kOrders, context(1, 1), context(2, 2));
  EXPECT_EQ(p.seen(), "orders GET /r 4/0 stock:8080 passed 1 unchanged 1 dropped 1 restarted 1\n");
}

TEST(Propagation, BlamesNobodyWhoHadNoContext) {
  Propagating p;
  p.handles(kOrders, std::nullopt, context(1, 2));
  p.handles(kOrders, std::nullopt, std::nullopt);
  EXPECT_EQ(p.seen(), "orders GET /r 0/2 stock:8080 begun 1 without 1\n");
}

TEST(Propagation, CountsWhatIsNotLinkedAndJudgesItNot) {
  Propagating p;
  p.receives(kOrders, 1, "/r", context(1, 1));
  p.sends(kOrders, 101, "stock:8080", std::nullopt);
  p.propagation.on_unlinked(101);
  EXPECT_EQ(p.seen(), "orders GET /r 1/0 -\norders - 0/0 stock:8080 unlinked 1\n");
}

TEST(Propagation, LeavesOutWhatAProcessSendsOfItsOwnAccord) {
  Propagating p;
  p.sends(kOrders, 101, "stock:8080", std::nullopt);
  p.receives(kOrders, 1, "/r", context(1, 1));
  p.propagation.on_over(kOrders, 1);
  p.sends(kOrders, 102, "stock:8080", std::nullopt);
  p.propagation.on_unlinked(101);
  p.propagation.on_unlinked(102);
  EXPECT_EQ(p.seen(), "orders GET /r 1/0 -\n");
}

TEST(Propagation, BelievesAHeaderMoreThanALink) {
  Propagating p;
  p.receives(kOrders, 1, "/one", context(1, 1));
  p.receives(kOrders, 2, "/two", context(2, 1));
  p.sends(kOrders, 101, "stock:8080", context(2, 2));
  p.propagation.on_link(101, 1);
  EXPECT_EQ(p.seen(), "orders GET /one 1/0 -\norders GET /two 1/0 stock:8080 passed 1\n");
  p.propagation.on_over(kOrders, 2);  // its trace is not known any more
  p.sends(kOrders, 102, "stock:8080", context(2, 3));
  p.propagation.on_link(102, 1);
  EXPECT_EQ(p.seen(), "orders GET /one 1/0 stock:8080 restarted 1\norders GET /two 1/0 stock:8080 passed 1\n");
}

TEST(Propagation, ReadsHalfATraceIdAsTheWholeOfIt) {
  Propagating p;
  TraceContext half = context(1, 2);
  half.trace_id.bytes[0] = 0;
  p.handles(kOrders, context(1, 1), half);
  EXPECT_EQ(p.seen(), "orders GET /r 1/0 stock:8080 passed 1\n");
}

TEST(Propagation, KeepsServicesPeersAndRoutesApart) {
  Propagating p;
  p.handles(kOrders, context(1, 1), context(1, 2), "stock:8080", "/a/17");
  p.handles(kOrders, context(1, 1), std::nullopt, "prices:80", "/a/18");
  p.handles(kOrders, context(1, 1), std::nullopt, "prices:80", "/b");
  p.handles(kCart, context(1, 1), std::nullopt, "stock:8080", "/a/19");
  EXPECT_EQ(p.seen(), "cart GET /a/{id} 1/0 stock:8080 dropped 1\n"
                      "orders GET /a/{id} 2/0 prices:80 dropped 1\n"
                      "orders GET /b 1/0 prices:80 dropped 1\n"
                      "orders GET /a/{id} 2/0 stock:8080 passed 1\n");
}

TEST(Propagation, AddsTheProcessesOfAServiceAndKeepsThoseThatEnded) {
  Propagating p;
  p.names[901] = "orders";
  p.handles(kOrders, context(1, 1), std::nullopt);
  p.handles(kCart, context(1, 1), std::nullopt);
  ASSERT_EQ(p.rows().size(), 1u);
  EXPECT_EQ(p.rows()[0].pids, (std::vector<std::uint32_t>{812, 901}));
  EXPECT_EQ(p.seen(), "orders GET /r 2/0 stock:8080 dropped 2\n");
  p.propagation.on_process_over(kCart);
  p.propagation.name_ended([](const ProcessKey&) { return std::nullopt; });
  EXPECT_EQ(p.seen(), "orders (ended) GET /r 1/0 stock:8080 dropped 1\norders GET /r 1/0 stock:8080 dropped 1\n");
  p.propagation.name_ended([](const ProcessKey&) { return "orders"; });
  p.propagation.on_process_over(kOrders);
  p.propagation.name_ended([](const ProcessKey&) { return "orders"; });
  EXPECT_EQ(p.seen(), "orders (ended) GET /r 2/0 stock:8080 dropped 2\n");
}

TEST(Propagation, CountsUnderOneNameWhatHasNoRoom) {
  Propagating p;
  for (int i = 0; i < 100; ++i) {
    const std::string word{static_cast<char>('a' + i / 26), static_cast<char>('a' + i % 26)};
    p.handles(kOrders, context(1, 1), std::nullopt, word + ":80", "/" + word);
  }
  std::uint64_t dropped = 0, others = 0;
  for (const PropagationRow& row : p.rows()) {
    dropped += row.sent[PropagationState::Dropped];
    if (row.route == "(others)" && row.peer == "(others)") others += row.sent[PropagationState::Dropped];
  }
  EXPECT_EQ(dropped, 100u);
  EXPECT_EQ(others, 100 - (NameList::kMax - 2));
}

TEST(Propagation, CountsRequestsThatItDoesNotFollow) {
  Propagating p;
  for (ExchangeId id = 1; id <= Propagation::kMaxRequests + 5; ++id) p.receives(kOrders, id, "/r", context(1, 1));
  EXPECT_EQ(p.propagation.counters().not_followed.get(), 5u);
  p.propagation.on_over(kOrders, 1);
  p.receives(kOrders, 999'999, "/r", context(1, 1));
  EXPECT_EQ(p.propagation.counters().not_followed.get(), 5u);
  p.propagation.on_process_over(kOrders);  // and what it was handling
  p.handles(kCart, context(1, 1), context(1, 2));
  EXPECT_EQ(p.propagation.counters().not_followed.get(), 5u);
}

}  // namespace
}  // namespace suture::test

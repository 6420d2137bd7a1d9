// The store of edges when nothing answers: every question is answered, every write is counted.
#include "edges/redis_edges.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace suture {
namespace {

constexpr std::uint64_t kMs = 1'000'000;
const EdgeTrace kTrace{{{1}}, 3};

SpanId edge(std::uint8_t number) {
  SpanId id;
  id.bytes[7] = number;
  return id;
}

RedisAddress nobody() {
  RedisAddress address;
  address.host = "127.0.0.1";
  address.port = 1;  // refuses
  return address;
}

TEST(RedisEdges, AnswersEveryQuestionOnceThoughNobodyListens) {
  RedisEdges edges(nobody());
  std::uint64_t now_ns = 1'000'000 * kMs;
  edges.take(now_ns);
  for (std::uint8_t i = 1; i <= 10; ++i) ASSERT_TRUE(edges.ask(edge(i)));
  for (std::uint8_t i = 1; i <= 5; ++i) edges.tell(edge(i), kTrace);
  edges.tell(edge(6), std::nullopt);
  std::size_t answers = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while ((answers < 10 || edges.ledger().waiting > 0) && std::chrono::steady_clock::now() < deadline) {
    for (const EdgeStore::Answer& answer : edges.take(now_ns)) {
      EXPECT_FALSE(answer.trace);
      EXPECT_FALSE(answer.reached);
      ++answers;
    }
    now_ns += 10 * kMs;
    std::this_thread::yield();
  }
  EXPECT_EQ(answers, 10u);
  EXPECT_EQ(edges.ledger().told, 5u);
  EXPECT_EQ(edges.ledger().dropped_unreachable, 5u);
  EXPECT_GT(edges.ledger().batches_failed, 0u);
}

TEST(RedisEdges, TakesNoMoreThanItHasRoomFor) {
  RedisEdges edges(nobody());
  std::size_t taken = 0;
  SpanId id;
  for (unsigned i = 0; i < 100'000; ++i) {
    id.bytes[0] = static_cast<std::uint8_t>(i), id.bytes[1] = static_cast<std::uint8_t>(i >> 8), id.bytes[2] = static_cast<std::uint8_t>(i >> 16);
    taken += edges.ask(id);
    edges.tell(id, kTrace);
  }
  EXPECT_EQ(taken, 65'536u);
  const EdgeStoreLedger ledger = edges.ledger();
  EXPECT_EQ(ledger.told, 100'000u);
  EXPECT_EQ(ledger.dropped_queue_full, 100'000u - 65'536u);
  EXPECT_EQ(ledger.waiting, 65'536u);
}

TEST(RedisEdges, TheEndIsSoonAndCountsWhatIsLeft) {
  RedisEdges edges(nobody());
  edges.take(1'000 * kMs);
  edges.tell(edge(1), kTrace);
  ASSERT_TRUE(edges.ask(edge(2)));
  edges.finish();
  EXPECT_EQ(edges.take(1'000 * kMs).size(), 1u);
  EXPECT_EQ(edges.ledger().dropped_unreachable, 1u);
  EXPECT_EQ(edges.ledger().waiting, 0u);
}

}  // namespace
}  // namespace suture

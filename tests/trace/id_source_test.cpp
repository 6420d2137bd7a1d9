#include "trace/id_source.h"

#include <gtest/gtest.h>

#include <set>

namespace suture {
namespace {

constexpr IdKey kSeed{{15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};

TEST(RandomIdSource, NeverRepeatsAcrossItsBlocks) {
  RandomIdSource ids;
  RandomIdSource others;
  std::set<TraceId> seen;
  for (int i = 0; i < 600; ++i) {  // more than two blocks of 256
    seen.insert(ids.next_trace_id());
    seen.insert(others.next_trace_id());
  }
  EXPECT_EQ(seen.size(), 1200u);
  EXPECT_FALSE(seen.count(TraceId{}));
}

TEST(SeededIdSource, GivesTheSameIdsOnEveryMachine) {
  SeededIdSource ids(kSeed);
  EXPECT_EQ(to_hex(ids.next_trace_id()), "30526964cfc738c2d6356815fce83f7e");
  EXPECT_EQ(to_hex(ids.next_trace_id()), "4ae9dd6a0e8c09ac2c1a4cdbcb584e95");
}

TEST(SeededIdSource, DiffersWithTheSeed) {
  IdKey other = kSeed;
  other.bytes[0] ^= 1;
  EXPECT_NE(SeededIdSource(kSeed).next_trace_id(), SeededIdSource(other).next_trace_id());
}

TEST(JoinOrStartTrace, MarksAStartedTraceAsSampledAndRandom) {
  SeededIdSource ids(kSeed);
  const TraceContext started = join_or_start_trace(std::nullopt, ids);
  EXPECT_TRUE(started.trace_id.valid());
  EXPECT_FALSE(started.parent.valid());
  EXPECT_EQ(started.flags, kTraceFlagSampled | kTraceFlagRandom);
  EXPECT_EQ(started.trace_state, "");
}

}  // namespace
}  // namespace suture

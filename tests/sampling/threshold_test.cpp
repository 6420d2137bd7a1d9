// The vectors are those of the table in the specification (trace/tracestate-probability-sampling.md) for four digits.
#include "sampling/threshold.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "sampling/sampler.h"

namespace suture {
namespace {

TEST(Threshold, IsTheSpecificationsOfOneInN) {
  const struct {
    double n;
    const char* th;
  } rows[] = {{1, "0"},     {2, "8"},     {3, "aaab"},    {4, "c"},        {5, "cccd"},      {8, "e"},          {10, "e666"},
              {16, "f"},    {100, "fd70a"}, {1000, "ffbe77"}, {10'000, "fff9724"}, {100'000, "ffff583a"}, {1'000'000, "ffffef39"}};
  for (const auto& row : rows) {
    EXPECT_EQ(th_of(threshold_of(1 / row.n)), row.th) << "1 in " << row.n;
    EXPECT_EQ(threshold_from(row.th), threshold_of(1 / row.n)) << row.th;
  }
}

TEST(Threshold, HasEndsThatKeepAllAndNothing) {
  EXPECT_EQ(threshold_of(1), kCertain);
  EXPECT_EQ(threshold_of(0), kNever);
  EXPECT_EQ(threshold_of(-1), kNever);
  EXPECT_EQ(threshold_of(std::numeric_limits<double>::quiet_NaN()), kNever);
  for (const double share : {1e-12, 0x1p-56, 1e-300}) EXPECT_LT(threshold_of(share), kNever) << share;
  EXPECT_EQ(randomness_of(TraceId{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7}}), 0x01020304050607u);
}

TEST(Threshold, IsReadOnlyIfItIsHex) {
  for (const char* th : {"", "g", "FD", "0x1", "123456789abcdef", "-1"}) EXPECT_EQ(threshold_from(th), kNever) << th;
  EXPECT_EQ(threshold_from("c"), 0xc0000000000000u);
  EXPECT_EQ(threshold_from("00000000000001"), 1u);
}

TEST(Threshold, OfALargerShareKeepsAllThatASmallerOneKeepsAndAboutAsMuchAsItSays) {
  std::mt19937_64 random(1);
  int kept[3] = {};
  constexpr double kShares[3] = {0.01, 0.1, 0.5};
  constexpr int kTraces = 100'000;
  for (int i = 0; i < kTraces; ++i) {
    const std::uint64_t randomness = random() >> 8;
    bool before = true;
    for (int share = 2; share >= 0; --share) {
      const bool keep = randomness >= threshold_of(kShares[share]);
      EXPECT_TRUE(before || !keep);
      kept[share] += keep;
      before = keep;
    }
  }
  for (int share = 0; share < 3; ++share) {
    const double expected = kTraces * kShares[share];
    EXPECT_NEAR(kept[share], expected, 4 * std::sqrt(expected * (1 - kShares[share])));
  }
}

TEST(Sampler, IsKnownByTheNamesOfTheSpecification) {
  const struct {
    const char* name;
    bool parent_based;
    Threshold root;
  } rows[] = {{"always_on", false, kCertain},           {"always_off", false, kNever},
              {"traceidratio", false, 0xc0000000000000}, {"parentbased_always_on", true, kCertain},
              {"parentbased_always_off", true, kNever},  {"ParentBased_TraceIdRatio", true, 0xc0000000000000}};
  for (const auto& row : rows) {
    const auto sampler = sampler_of(row.name, 0.25);
    ASSERT_TRUE(sampler) << row.name;
    EXPECT_EQ(sampler->parent_based, row.parent_based) << row.name;
    EXPECT_EQ(sampler->root, row.root) << row.name;
  }
  for (const char* name : {"", "parentbased_", "jaeger_remote", "parentbased_jaeger_remote", "xray", "always"}) EXPECT_FALSE(sampler_of(name, 1)) << name;
}

}  // namespace
}  // namespace suture

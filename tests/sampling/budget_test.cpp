#include "sampling/budget.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

TEST(Budget, LetsNoMoreBeginThanItHas) {
  Budget budget({.spans_per_second = 10});
  budget.tick(kSecond);
  int begun = 0;
  for (int i = 0; i < 100; ++i) begun += budget.may_begin(1, 0);
  EXPECT_EQ(begun, 10);
  budget.tick(kSecond + kSecond / 2);
  for (int i = 0; i < 100; ++i) begun += budget.may_begin(1, 0);
  EXPECT_EQ(begun, 15);
  budget.tick(1'000 * kSecond);
  for (int i = 0; i < 100; ++i) begun += budget.may_begin(1, 0);
  EXPECT_EQ(begun, 25);
}

TEST(Budget, IsOverdrawnByWhatHasBegunForASecondAtMost) {
  Budget budget({.spans_per_second = 10});
  while (budget.may_begin(1, 0)) {}
  int went_on = 0;
  for (int i = 0; i < 100; ++i) went_on += budget.may_go_on(1, 0);
  EXPECT_EQ(went_on, 10);
  budget.tick(kSecond);
  budget.tick(2 * kSecond);
  EXPECT_FALSE(budget.may_begin(1, 0));  // the debt first
}

TEST(Budget, OfBytesHoldsToo) {
  Budget budget({.spans_per_second = 0, .bytes_per_second = 1'000});
  EXPECT_TRUE(budget.counts_bytes());
  EXPECT_TRUE(budget.may_begin(1, 900));
  EXPECT_TRUE(budget.may_begin(1, 900));
  EXPECT_FALSE(budget.may_begin(1, 1));
}

TEST(Budget, OfNothingIsNoLimit) {
  Budget budget({.spans_per_second = 0});
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(budget.may_begin(1'000, 1'000'000));
  EXPECT_FALSE(budget.is_short());
  EXPECT_FALSE(budget.counts_bytes());
}

}  // namespace
}  // namespace suture

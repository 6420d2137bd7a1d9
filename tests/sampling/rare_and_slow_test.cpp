#include <gtest/gtest.h>

#include "sample.h"
#include "sampling/route_times.h"
#include "sampling/sightings.h"

namespace suture {
namespace {

using test::kMs;

TEST(RouteTimes, CallSlowWhatTakesLongerThanNinetyNineInAHundredOfItsRoute) {
  RouteTimes times;
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    EXPECT_EQ(times.is_slow(1, 100 * kMs + i), false);
    times.is_slow(2, 5 * kMs);
  }
  EXPECT_TRUE(times.is_slow(1, 500 * kMs));
  EXPECT_FALSE(times.is_slow(1, 5 * kMs));
  EXPECT_TRUE(times.is_slow(2, 100 * kMs));
}

TEST(RouteTimes, CallNothingSlowBeforeTheRouteIsKnown) {
  RouteTimes times;
  for (std::uint64_t i = 0; i < 100; ++i) times.is_slow(1, kMs);
  EXPECT_FALSE(times.is_slow(1, 1'000 * kMs));
}

TEST(RouteTimes, GetUsedToARouteThatHasBecomeSlower) {
  RouteTimes times;
  for (int i = 0; i < 2'000; ++i) times.is_slow(1, kMs);
  int slow = 0;
  for (int i = 0; i < 2'000; ++i) slow += times.is_slow(1, 50 * kMs);
  EXPECT_GE(slow, 1);
  EXPECT_LT(slow, 50);
}

TEST(RouteTimes, TakeAnyDurationAndMoreRoutesThanTheyHaveRoomFor) {
  RouteTimes times;
  for (const std::uint64_t duration : {std::uint64_t{0}, std::uint64_t{1}, UINT64_MAX}) times.is_slow(1, duration);
  for (std::uint64_t route = 0; route < 100'000; ++route) EXPECT_FALSE(times.is_slow(route, kMs));
}

TEST(Sightings, AreRareUntilThereAreTenInTenMinutes) {
  Sightings sightings;
  int rare = 0;
  for (int i = 0; i < 100; ++i) rare += sightings.is_rare(1, 5);
  EXPECT_EQ(rare, 10);
  EXPECT_TRUE(sightings.is_rare(2, 5));
  EXPECT_FALSE(sightings.is_rare(1, Sightings::kWindowNs + 5));      // those of the window before count
  EXPECT_TRUE(sightings.is_rare(1, 5 * Sightings::kWindowNs + 5));   // and no others
}

}  // namespace
}  // namespace suture

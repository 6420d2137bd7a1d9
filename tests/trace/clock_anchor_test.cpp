#include "trace/clock_anchor.h"

#include <gtest/gtest.h>

#include <chrono>

namespace suture {
namespace {

constexpr ClockAnchor kAnchor{5'000'000'000, 1'700'000'000'000'000'000};

TEST(ClockAnchor, MapsMomentsBeforeAndAfterItself) {
  EXPECT_EQ(to_unix_ns(kAnchor, 5'000'000'000), 1'700'000'000'000'000'000);
  EXPECT_EQ(to_unix_ns(kAnchor, 5'000'000'007), 1'700'000'000'000'000'007);
  EXPECT_EQ(to_unix_ns(kAnchor, 4'999'999'999), 1'699'999'999'999'999'999);
}

TEST(ClockAnchor, SurvivesAnyNumbersOfARecording) {
  const ClockAnchor extreme{INT64_MIN, INT64_MAX};
  EXPECT_EQ(to_unix_ns(extreme, 0), -1);  // wraps, as sanitizers confirm
  EXPECT_TRUE(stepped(kAnchor, ClockAnchor{INT64_MAX, INT64_MIN}));
}

TEST(ClockAnchor, CallsAStepOnlyWhatIsMoreThanAMillisecond) {
  const auto after = [](std::int64_t elapsed, std::int64_t set_by) {
    return ClockAnchor{kAnchor.monotonic_ns + elapsed, kAnchor.unix_ns + elapsed + set_by};
  };
  EXPECT_FALSE(stepped(kAnchor, after(60'000'000'000, 0)));
  EXPECT_FALSE(stepped(kAnchor, after(60'000'000'000, 1'000'000)));
  EXPECT_FALSE(stepped(kAnchor, after(60'000'000'000, -1'000'000)));
  EXPECT_TRUE(stepped(kAnchor, after(60'000'000'000, 1'000'001)));
  EXPECT_TRUE(stepped(kAnchor, after(60'000'000'000, -1'000'001)));
}

TEST(ClockAnchor, SamplesLieBetweenTheReadingsAroundThem) {
  using std::chrono::nanoseconds;
  const auto unix_now = [] { return nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count(); };
  const auto monotonic_now = [] { return nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count(); };
  const std::int64_t unix_before = unix_now();
  const std::int64_t monotonic_before = monotonic_now();
  const ClockAnchor anchor = sample_clock_anchor();
  EXPECT_LE(monotonic_before, anchor.monotonic_ns);
  EXPECT_LE(anchor.monotonic_ns, monotonic_now());
  EXPECT_LE(unix_before, anchor.unix_ns);
  EXPECT_LE(anchor.unix_ns, unix_now());
}

}  // namespace
}  // namespace suture

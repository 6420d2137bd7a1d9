#include "trace/clock_anchor.h"

#include <ctime>

namespace suture {
namespace {

constexpr std::int64_t kStepNs = 1'000'000;  // see stepped()
constexpr int kReadings = 8;                 // one clock_gettime takes ~20 ns, a preemption hits one or two of them

std::int64_t read_clock(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// Unix time less monotonic time. Unsigned, because a recording may hold any numbers.
std::uint64_t offset(const ClockAnchor& anchor) {
  return static_cast<std::uint64_t>(anchor.unix_ns) - static_cast<std::uint64_t>(anchor.monotonic_ns);
}

}  // namespace

ClockAnchor sample_clock_anchor() {
  ClockAnchor best;
  std::int64_t best_width = INT64_MAX;
  for (int i = 0; i < kReadings; ++i) {
    const std::int64_t before = read_clock(CLOCK_MONOTONIC);
    const std::int64_t unix_ns = read_clock(CLOCK_REALTIME);
    const std::int64_t width = read_clock(CLOCK_MONOTONIC) - before;
    if (width >= best_width) continue;
    best_width = width;
    best = {before + width / 2, unix_ns};
  }
  return best;
}

std::int64_t to_unix_ns(const ClockAnchor& anchor, std::uint64_t monotonic_ns) {
  return static_cast<std::int64_t>(monotonic_ns + offset(anchor));
}

bool stepped(const ClockAnchor& old, const ClockAnchor& fresh) {
  const auto change = static_cast<std::int64_t>(offset(fresh) - offset(old));
  return change > kStepNs || change < -kStepNs;
}

}  // namespace suture

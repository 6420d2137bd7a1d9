#pragma once
// ClockAnchor: one moment in both clocks, CLOCK_MONOTONIC (what the kernel programs stamp) and Unix time (what spans
// carry). A span uses one anchor for its start and its end, so that its duration never changes.

#include <cstdint>

namespace suture {

struct ClockAnchor {
  std::int64_t monotonic_ns = 0;
  std::int64_t unix_ns = 0;
};

/// Now. The best of several readings: off by less than a microsecond unless the thread is preempted in all of them.
ClockAnchor sample_clock_anchor();

/// Unix time of a moment of CLOCK_MONOTONIC.
std::int64_t to_unix_ns(const ClockAnchor& anchor, std::uint64_t monotonic_ns);

/// Somebody set the clock between the two samples. The kernel slews both clocks alike, so their difference changes by
/// steps only; below 1 ms it is the sampling's own error, or a leap too small to show in a trace.
bool stepped(const ClockAnchor& old, const ClockAnchor& fresh);

}  // namespace suture

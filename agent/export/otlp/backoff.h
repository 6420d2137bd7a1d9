#pragma once
// Backoff: how long to wait before an endpoint that failed is tried again.

#include <chrono>
#include <cstdint>
#include <random>

namespace suture {

class Backoff {
 public:
  /// Agents that lost one Collector together must not come back together: `seed` differs from host to host.
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest, std::uint32_t seed)
      : first_(first), longest_(longest), next_(first), random_(seed) {}

  /// Doubles from the first to the longest; each wait is drawn from the upper half of its step.
  std::chrono::milliseconds next();
  /// The endpoint answered.
  void reset() { next_ = first_; }

 private:
  const std::chrono::milliseconds first_;
  const std::chrono::milliseconds longest_;
  std::chrono::milliseconds next_;
  std::minstd_rand random_;
};

}  // namespace suture

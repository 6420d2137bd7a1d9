#pragma once
// StopTime: the moment by which a sink's thread has to be done, set once by flush() and looked at between steps.

#include <algorithm>
#include <atomic>
#include <chrono>

namespace suture {

class StopTime {
 public:
  using Clock = std::chrono::steady_clock;

  /// From any thread.
  void set(Clock::time_point when) { when_.store(when.time_since_epoch().count(), std::memory_order_release); }

  bool is_set() const { return when_.load(std::memory_order_acquire) != kNever; }
  bool reached() const { return Clock::now() >= when(); }

  /// What is left until the stop, but at most `limit` and at least nothing.
  std::chrono::milliseconds remaining(std::chrono::milliseconds limit) const {
    if (!is_set()) return limit;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(when() - Clock::now());
    return std::clamp(left, std::chrono::milliseconds{0}, limit);
  }

 private:
  static constexpr Clock::rep kNever = Clock::time_point::max().time_since_epoch().count();
  Clock::time_point when() const { return Clock::time_point(Clock::duration(when_.load(std::memory_order_acquire))); }

  std::atomic<Clock::rep> when_{kNever};
};

}  // namespace suture

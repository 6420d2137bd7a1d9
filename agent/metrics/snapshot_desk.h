#pragma once
// SnapshotDesk: where another thread asks for a snapshot that only the capture thread can take.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include "metrics/snapshot.h"

namespace suture {

class SnapshotDesk {
 public:
  /// Any thread but the capture thread. Nothing: it did not come in time, or nobody serves any more.
  std::optional<MetricSnapshot> ask(std::chrono::milliseconds wait) {
    const std::lock_guard one_at_a_time(asking_);
    std::unique_lock lock(mutex_);
    asked_.store(!closed_, std::memory_order_relaxed);
    answered_.wait_for(lock, wait, [this] { return closed_ || answer_.has_value(); });
    asked_.store(false, std::memory_order_relaxed);
    return std::exchange(answer_, std::nullopt);
  }

  /// Capture thread: somebody waits for answer(). Costs next to nothing.
  bool asked() const { return asked_.load(std::memory_order_relaxed); }
  /// Capture thread.
  void answer(MetricSnapshot snapshot) {
    {
      const std::lock_guard lock(mutex_);
      if (!asked_.exchange(false, std::memory_order_relaxed)) return;  // it has gone
      answer_ = std::move(snapshot);
    }
    answered_.notify_one();
  }
  /// Whoever asks, or waits, gets nothing from now on.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    answered_.notify_all();
  }

 private:
  std::mutex asking_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::optional<MetricSnapshot> answer_;
  std::atomic<bool> asked_{false};
  bool closed_ = false;
};

}  // namespace suture

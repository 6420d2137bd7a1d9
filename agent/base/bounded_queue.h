#pragma once
// BoundedQueue: the only thing two threads of the agent share. Never blocks the pusher: what does not fit is handed
// back, and the caller counts it.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace suture {

template <typename T>
class BoundedQueue {
 public:
  /// `max_weight`: sum of the weights of what waits, in the unit of the pusher's choice (bytes, spans).
  explicit BoundedQueue(std::size_t max_weight) : max_weight_(max_weight) {}

  /// Returns the item when it does not fit or the queue is closed; nothing when it was taken.
  std::optional<T> push(T item, std::size_t weight) {
    {
      std::lock_guard lock(mutex_);
      if (closed_ || weight_ + weight > max_weight_) return item;
      weight_ += weight;
      items_.emplace_back(std::move(item), weight);
    }
    ready_.notify_one();
    return std::nullopt;
  }

  /// Waits at most `wait` for an item. Nothing: none came, or the queue is closed and empty (see closed()).
  std::optional<T> pop(std::chrono::milliseconds wait) {
    std::unique_lock lock(mutex_);
    ready_.wait_for(lock, wait, [this] { return closed_ || !items_.empty(); });
    if (items_.empty()) return std::nullopt;
    T item = std::move(items_.front().first);
    weight_ -= items_.front().second;
    items_.pop_front();
    return item;
  }

  /// No more pushes; what waits can still be popped.
  void close() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    ready_.notify_all();
  }

  bool closed() const {
    std::lock_guard lock(mutex_);
    return closed_;
  }

  std::size_t weight() const {
    std::lock_guard lock(mutex_);
    return weight_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::pair<T, std::size_t>> items_;
  std::size_t weight_ = 0;
  const std::size_t max_weight_;
  bool closed_ = false;
};

}  // namespace suture

#pragma once
// DeliveryQueue: the part that all sinks have in common: the bounded queue between the capture thread and the sink's
// own, and the ledger of what became of every span that was put in.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "base/bounded_queue.h"
#include "export/span_sink.h"

namespace suture {

enum class Settlement : std::uint8_t { Accepted, QueueFull, Rejected, Expired, WriteFailed };

class DeliveryQueue {
 public:
  explicit DeliveryQueue(std::size_t max_bytes) : queue_(max_bytes) {}

  /// Capture thread. Never blocks; a batch that does not fit is settled as QueueFull at once.
  void push(Batch batch);
  /// Sink's thread. Waits at most `wait`; close() ends the wait.
  std::optional<Batch> pop(std::chrono::milliseconds wait) { return queue_.pop(wait); }
  /// No more pushes. What waits can still be popped.
  void close() { queue_.close(); }
  bool closed() const { return queue_.closed(); }

  /// Sink's thread: what became of `spans` spans that were popped.
  void settle(Settlement outcome, std::uint64_t spans);

  /// From any thread; a snapshot in which queued = accepted + waiting + dropped holds exactly.
  DeliveryLedger ledger() const;

 private:
  BoundedQueue<Batch> queue_;
  mutable std::mutex mutex_;  // taken once per batch, not per span
  DeliveryLedger ledger_;
};

}  // namespace suture

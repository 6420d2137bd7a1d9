#pragma once
// DeliveryQueue: the part that all sinks have in common: the bounded queue between the capture thread and the sink's
// own, and the account of every span that was put in.

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/bounded_queue.h"
#include "export/delivery_account.h"
#include "export/span_sink.h"

namespace suture {

class DeliveryQueue {
 public:
  /// `max_bytes` bounds what was not yet popped, `max_spans` what was not yet settled.
  explicit DeliveryQueue(std::size_t max_bytes, std::size_t max_spans = std::numeric_limits<std::size_t>::max())
      : queue_(max_bytes), max_spans_(max_spans) {}

  /// Capture thread. Never blocks; a batch that does not fit is settled as QueueFull at once.
  void push(Batch batch);
  /// Spans that an earlier run left to the sink: they count as if they had been put in.
  void add_found(std::uint64_t spans);
  /// Sink's thread. Waits at most `wait`; close() ends the wait.
  std::optional<Batch> pop(std::chrono::milliseconds wait) { return queue_.pop(wait); }
  /// No more pushes. What waits can still be popped.
  void close() { queue_.close(); }
  bool closed() const { return queue_.closed(); }

  /// Sink's thread: what became of `spans` spans that were popped.
  void settle(Settlement outcome, std::uint64_t spans) { account_.settle(outcome, spans); }
  /// For who settles in its stead; lives as long as the queue.
  DeliveryAccount& account() { return account_; }

  /// From any thread; a snapshot in which queued = accepted + waiting + dropped holds exactly.
  DeliveryLedger ledger() const { return account_.ledger(); }

 private:
  BoundedQueue<Batch> queue_;
  const std::size_t max_spans_;
  DeliveryAccount account_;
};

}  // namespace suture

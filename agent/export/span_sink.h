#pragma once
// SpanSink: where batches go. One per destination.

#include <chrono>
#include <cstdint>
#include <string_view>

#include "trace/batch.h"

namespace suture {

/// What became of the spans a destination was given: queued = accepted + waiting + dropped, at any moment.
struct DeliveryLedger {
  std::uint64_t queued = 0;
  std::uint64_t accepted = 0;
  std::uint64_t waiting = 0;
  std::uint64_t dropped_queue_full = 0;
  std::uint64_t dropped_too_large = 0;  // a request larger than a client may send
  std::uint64_t dropped_rejected = 0;  // the backend refused them for good (4xx, partial success)
  std::uint64_t dropped_expired = 0;   // retried until too old, or unsent at shutdown
  std::uint64_t dropped_write = 0;     // file or terminal failed
};

/// Takes batches on the capture thread; delivers them on a thread of its own.
class SpanSink {
 public:
  virtual ~SpanSink() = default;
  /// "otlp", "jsonl", "console": for ledgers and messages.
  virtual std::string_view name() const = 0;
  /// Never blocks. What does not fit is dropped and counted.
  virtual void send(Batch batch) = 0;
  /// The end has come: no more send(), and flush() follows. Returns at once, so that all sinks end side by side.
  virtual void begin_end(std::chrono::milliseconds deadline) { (void)deadline; }
  /// Delivers what waits, for at most `deadline`; what is left is dropped and counted. Called once, last.
  virtual void flush(std::chrono::milliseconds deadline) = 0;
  /// From any thread.
  virtual DeliveryLedger ledger() const = 0;
};

}  // namespace suture

#pragma once
// DeliveryAccount: what became of everything that a destination was given, spans or data points. Any thread.

#include <cstdint>
#include <mutex>

#include "export/span_sink.h"

namespace suture {

enum class Settlement : std::uint8_t { Accepted, QueueFull, TooLarge, Rejected, Expired, WriteFailed };

class DeliveryAccount {
 public:
  /// `count` items were put in, unless that makes more than `most` wait: then they are settled as QueueFull, and false is
  /// returned.
  bool enter(std::uint64_t count, std::uint64_t most);
  /// What became of items that were put in.
  void settle(Settlement outcome, std::uint64_t count);

  /// A snapshot in which queued = accepted + waiting + dropped holds exactly.
  DeliveryLedger ledger() const;

 private:
  mutable std::mutex mutex_;  // taken once per batch, not per span
  DeliveryLedger ledger_;
};

}  // namespace suture

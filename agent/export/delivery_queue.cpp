#include "export/delivery_queue.h"

#include <cassert>
#include <utility>

namespace suture {

void DeliveryQueue::push(Batch batch) {
  const std::uint64_t spans = batch.span_count;
  const std::size_t weight = batch.weight_bytes;
  {
    // Counted before it can be popped: the sink's thread must not settle what the ledger has not seen.
    std::lock_guard lock(mutex_);
    ledger_.queued += spans;
    if (ledger_.waiting + spans > max_spans_) {
      ledger_.dropped_queue_full += spans;
      return;
    }
    ledger_.waiting += spans;
  }
  if (queue_.push(std::move(batch), weight))
    settle(queue_.closed() ? Settlement::Expired : Settlement::QueueFull, spans);
}

void DeliveryQueue::add_found(std::uint64_t spans) {
  std::lock_guard lock(mutex_);
  ledger_.queued += spans;
  ledger_.waiting += spans;
}

void DeliveryQueue::settle(Settlement outcome, std::uint64_t spans) {
  std::lock_guard lock(mutex_);
  assert(spans <= ledger_.waiting);
  ledger_.waiting -= spans;
  switch (outcome) {
    case Settlement::Accepted:
      ledger_.accepted += spans;
      break;
    case Settlement::QueueFull:
      ledger_.dropped_queue_full += spans;
      break;
    case Settlement::TooLarge:
      ledger_.dropped_too_large += spans;
      break;
    case Settlement::Rejected:
      ledger_.dropped_rejected += spans;
      break;
    case Settlement::Expired:
      ledger_.dropped_expired += spans;
      break;
    case Settlement::WriteFailed:
      ledger_.dropped_write += spans;
      break;
  }
}

DeliveryLedger DeliveryQueue::ledger() const {
  std::lock_guard lock(mutex_);
  return ledger_;
}

}  // namespace suture

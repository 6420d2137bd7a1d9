#include "export/delivery_queue.h"

#include <utility>

namespace suture {

void DeliveryQueue::push(Batch batch) {
  const std::uint64_t spans = batch.span_count;
  const std::size_t weight = batch.weight_bytes;
  // Entered before it can be popped: the sink's thread must not settle what the account has not seen.
  if (!account_.enter(spans, max_spans_)) return;
  if (queue_.push(std::move(batch), weight)) settle(queue_.closed() ? Settlement::Expired : Settlement::QueueFull, spans);
}

void DeliveryQueue::add_found(std::uint64_t spans) { account_.enter(spans, std::numeric_limits<std::uint64_t>::max()); }

}  // namespace suture

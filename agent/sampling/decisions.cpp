#include "sampling/decisions.h"

namespace suture {

const TraceDecision* Decisions::find(const TraceId& trace) const {
  if (decided_.empty()) return nullptr;
  const auto found = decided_.find(trace);
  return found == decided_.end() ? nullptr : &found->second;
}

void Decisions::remember(const TraceId& trace, const TraceDecision& decision) {
  if (order_.size() >= most_) {
    decided_.erase(order_.front());
    order_.pop_front();
  }
  decided_.insert_or_assign(trace, decision);
  order_.push_back(trace);
}

void Decisions::clear() {
  decided_.clear();
  order_.clear();
}

}  // namespace suture

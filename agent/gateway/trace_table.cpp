#include "gateway/trace_table.h"

namespace suture {

TraceTable::Entry TraceTable::find(const TraceId& trace) const {
  const auto found = entries_.find(trace);
  return found == entries_.end() ? Entry() : found->second.entry;
}

void TraceTable::set(const TraceId& trace, const Entry& entry) {
  const auto [place, fresh] = entries_.try_emplace(trace);
  if (fresh) place->second.order = order_.insert(order_.end(), trace);
  if (place->second.entry.state == State::Moved) return;
  place->second.entry = entry;
  if (entries_.size() <= most_) return;
  entries_.erase(order_.front());
  order_.pop_front();
}

}  // namespace suture

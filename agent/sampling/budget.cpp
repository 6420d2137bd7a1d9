#include "sampling/budget.h"

#include <algorithm>

namespace suture {

std::size_t otlp_bytes(const Span& span) {
  // Ids, times, kind, flags and status with their tags and lengths; for each attribute and link its own frame.
  constexpr std::size_t kFixed = 70, kFrame = 8, kNumber = 9, kLink = 40;
  std::size_t bytes = kFixed + span.name.size() + span.trace_state.size() + span.links.size() * kLink;
  for (const AttributeList::Entry& entry : span.attributes)
    bytes += kFrame + name_of(entry.key).size() + (entry.type == AttributeList::Entry::Type::Text ? entry.length : kNumber);
  return bytes;
}

void Budget::tick(std::uint64_t now_ns) {
  const double seconds = last_ns_ == 0 || now_ns < last_ns_ ? 0 : static_cast<double>(now_ns - last_ns_) / 1e9;
  last_ns_ = now_ns;
  for (Bucket* bucket : {&spans_, &bytes_}) bucket->left = std::min(bucket->rate, bucket->left + seconds * bucket->rate);
}

bool Budget::may_begin(std::size_t spans, std::size_t bytes) { return take_above(0, spans, bytes); }
bool Budget::may_go_on(std::size_t spans, std::size_t bytes) { return take_above(-1, spans, bytes); }

/// Takes both if of both more is left than this many seconds' worth.
bool Budget::take_above(double seconds, std::size_t spans, std::size_t bytes) {
  for (const Bucket* bucket : {&spans_, &bytes_})
    if (bucket->rate > 0 && bucket->left <= seconds * bucket->rate) return false;
  spans_.left -= static_cast<double>(spans);
  bytes_.left -= static_cast<double>(bytes);
  return true;
}

}  // namespace suture

#include "sampling/waiting_traces.h"

#include <utility>

#include "sampling/packed_span.h"

namespace suture {
namespace {

// Of a trace beside its spans: the two links of the list, the map's slot at its usual load, the entry of quiet_due_.
constexpr std::size_t kOverhead = 2 * sizeof(void*) + 2 * 40 + 24;

constexpr std::size_t kUsualSpan = 512;  // bytes, more than nearly all take

std::uint64_t nanoseconds(std::chrono::nanoseconds time) { return static_cast<std::uint64_t>(time.count()); }

}  // namespace

std::size_t WaitingTraces::weight_of(const WaitingTrace& trace) { return sizeof trace + kOverhead + trace.spans.capacity(); }

WaitingTrace& WaitingTraces::add(const Span& span, std::uint64_t now_ns) {
  const auto [place, is_new] = places_.try_emplace(span.trace_id);
  if (is_new) {
    place.value() = order_.emplace(order_.end());
    order_.back().id = span.trace_id;
    order_.back().first_ns = now_ns;
  } else {
    bytes_ -= weight_of(*place->second);
  }
  WaitingTrace& trace = *place->second;
  std::string packed;
  packed.reserve(kUsualSpan);
  pack(span, packed);
  trace.spans += packed;  // in one piece, so that a short trace takes no more than it needs
  trace.last_ns = now_ns;
  ++trace.span_count;
  ++span_count_;
  bytes_ += weight_of(trace);
  return trace;
}

void WaitingTraces::enter(WaitingTrace& trace) {
  if (std::exchange(trace.entered, true)) return;
  quiet_due_.emplace_back(trace.last_ns + nanoseconds(limits_.quiet), trace.id);
}

WaitingTrace WaitingTraces::take(const TraceId& id) {
  const auto place = places_.find(id);
  bytes_ -= weight_of(*place->second);
  span_count_ -= place->second->span_count;
  WaitingTrace trace = std::move(*place->second);
  order_.erase(place->second);
  places_.erase(place);
  return trace;
}

std::optional<WaitingTrace> WaitingTraces::take_due(std::uint64_t now_ns) {
  while (!quiet_due_.empty() && quiet_due_.front().first <= now_ns) {
    const TraceId id = quiet_due_.front().second;
    quiet_due_.pop_front();
    const auto place = places_.find(id);
    if (place == places_.end()) continue;
    if (place->second->last_ns + nanoseconds(limits_.quiet) <= now_ns) return take(id);
    quiet_due_.emplace_back(now_ns + nanoseconds(limits_.quiet), id);
  }
  if (!order_.empty() && order_.front().first_ns + nanoseconds(limits_.longest) <= now_ns) return take_any();
  return std::nullopt;
}

std::optional<WaitingTrace> WaitingTraces::take_beyond_limit() { return bytes_ > limits_.bytes ? take_any() : std::nullopt; }

std::optional<WaitingTrace> WaitingTraces::take_any() {
  if (order_.empty()) return std::nullopt;
  return take(TraceId(order_.front().id));
}

}  // namespace suture

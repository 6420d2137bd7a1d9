#pragma once
// WaitingTraces: the spans of traces that are not decided yet, in bounded memory. A trace is due
//   - when the span with which it entered this host has ended, and none came for a while after it or any other;
//   - when its first span is so old that nobody waits any longer.
// Time is that of ticks, so replays decide alike.

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>

#include <tsl/robin_map.h>

#include "sampling/keep_rule.h"
#include "trace/span.h"

namespace suture {

struct WaitingTrace {
  TraceId id;
  std::uint64_t randomness = 0;
  std::uint64_t first_ns = 0, last_ns = 0;  // when spans came
  KeepRule::Met met = 0;
  Threshold head = kCertain;                // the head's word on it
  bool entered = false;                     // the span with which it entered this host is here
  bool begun_elsewhere = false;
  std::size_t span_count = 0, otlp_bytes = 0;
  std::string spans;                        // packed
};

class WaitingTraces {
 public:
  struct Limits {
    std::chrono::nanoseconds quiet = std::chrono::seconds(2);     // far longer than spans of one request are apart when they leave the forest
    std::chrono::nanoseconds longest = std::chrono::seconds(120);
    std::size_t bytes = 56u << 20;
  };

  explicit WaitingTraces(const Limits& limits) : limits_(limits) {}

  /// Adds the span to its trace; the trace may be changed until the next call.
  WaitingTrace& add(const Span& span, std::uint64_t now_ns);
  /// From now on the trace is due when it is quiet.
  void enter(WaitingTrace& trace);

  WaitingTrace take(const TraceId& id);
  std::optional<WaitingTrace> take_due(std::uint64_t now_ns);
  /// The oldest, if they hold more than they may.
  std::optional<WaitingTrace> take_beyond_limit();
  /// The oldest, if there is one.
  std::optional<WaitingTrace> take_any();

  std::size_t spans() const { return span_count_; }
  std::size_t bytes() const { return bytes_; }

 private:
  using Order = std::list<WaitingTrace>;

  static std::size_t weight_of(const WaitingTrace& trace);

  const Limits limits_;
  Order order_;  // by first_ns
  tsl::robin_map<TraceId, Order::iterator> places_;
  std::deque<std::pair<std::uint64_t, TraceId>> quiet_due_;  // entered ones, when they may be quiet, in order of time
  std::size_t span_count_ = 0, bytes_ = 0;
};

}  // namespace suture

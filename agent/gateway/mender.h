#pragma once
// Mender: joins the traces that SDKs began after a gap to those that our spans are in. Parcels wait, for a bounded time, until
// what they need is known, and leave mended; or else as they came, and counted. One thread; no clock, no kernel.
//
//   Link     a server span that began a trace gets a span link to our span of the same request; nothing else is touched
//   Rewrite  its trace becomes ours in spans, log records and exemplars, and it hangs under the client span of its request; a
//            server span whose parent's id passed a proxy unchanged is hung under the proxy's client span

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <utility>
#include <vector>

#include "base/counter.h"
#include "gateway/parcel.h"
#include "gateway/trace_table.h"

namespace suture {

enum class MendMode : std::uint8_t { Link, Rewrite };

class Mender {
 public:
  using Clock = std::chrono::steady_clock;

  struct Limits {
    // An SDK may export the root 5 s later than others export what it caused (OTEL_BSP_SCHEDULE_DELAY), and log records come
    // sooner than spans. With 5 s alone 17 of 2 000 log records left too soon.
    std::chrono::milliseconds hold{7000};
    std::size_t held_bytes = 32 * 1024 * 1024;   // of bodies that wait; over it the oldest leave
    std::size_t traces = 65'536;                 // that are remembered: minutes of a busy host
  };
  struct Counters {
    Counter joined;      // server spans that began a trace and belong to ours
    Counter unjoined;    // roots that belong to no other trace, as far as is known: SpanPlacer counts why
    Counter reparented;  // server spans behind a proxy
    Counter moved;       // records in all signals whose trace became another
    Counter unmended;    // records that left because time or room was over, before it was known what their trace belongs to
  };

  /// `ask` wants to know where a span belongs: on_placed() tells. `forward` takes what leaves. Neither may call back.
  Mender(MendMode mode, Limits limits, std::function<void(ReportedSpan&&)> ask, std::function<void(Parcel&&)> forward);

  /// True: parcels of this signal may change.
  bool mends(Signal signal) const { return signal == Signal::Traces || mode_ == MendMode::Rewrite; }

  void take(Parcel&& parcel, Clock::time_point now);
  void on_placed(const Placement& placement);
  /// Lets go what is known, and what has waited long enough.
  void tick(Clock::time_point now);
  /// Everything leaves.
  void flush();

  bool holds() const { return !held_.empty(); }
  const Counters& counters() const { return counters_; }

 private:
  using SpanKey = std::pair<TraceId, SpanId>;
  struct Held {
    Parcel parcel;
    Clock::time_point until;
    std::size_t asked = 0;           // spans whose place is not known yet
    std::vector<Placement> places;   // of those that have one
    std::vector<TraceId> unknown;    // traces that it waits for
  };

  void ask_for_spans(std::list<Held>::iterator held);
  bool ready(Held& held) const;
  void release(std::list<Held>::iterator held);
  void mend(Held& held);
  void place(SpanRecord& span, const Held& held, bool& changed);

  const MendMode mode_;
  const Limits limits_;
  const std::function<void(ReportedSpan&&)> ask_;
  const std::function<void(Parcel&&)> forward_;
  TraceTable table_;
  std::list<Held> held_;                                  // oldest first
  std::map<SpanKey, std::list<Held>::iterator> asked_;    // by the span that was asked for
  std::size_t held_bytes_ = 0;
  Counters counters_;
};

}  // namespace suture

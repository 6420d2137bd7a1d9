#pragma once
// Sampling: the stop before the batcher, which lets a span through or drops it with a reason. In this order:
//   1. a trace that began elsewhere is kept or not as its sampled flag says (parent-based samplers);
//   2. of the others the sampler keeps a share, or the first rule that fits the span with which the trace entered this host;
//   3. --keep looks at whole traces. One that began elsewhere may have spans on other hosts, and is not its to cut: it goes
//      on, marked suture.partial;
//   4. the budget.
// A trace is decided once; what must wait to be decided waits here. Capture thread; time is that of ticks.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/counter.h"
#include "sampling/budget.h"
#include "sampling/decisions.h"
#include "sampling/keep_rule.h"
#include "sampling/route_times.h"
#include "sampling/sample_rule.h"
#include "sampling/sampler.h"
#include "sampling/sightings.h"
#include "sampling/waiting_traces.h"
#include "trace/batch.h"
#include "trace/span_receiver.h"

namespace suture {

struct SamplingOptions {
  Sampler sampler = {};
  std::vector<SampleRule> rules = {};
  std::optional<KeepRule> keep = std::nullopt;
  std::size_t memory_bytes = 64u << 20;  // for traces that wait, and for what was decided about others
  Budget::Limits budget = {};
};

class Sampling final : public SpanReceiver {
 public:
  struct Counters {
    Counter exported;      // handed on
    Counter not_sampled;   // dropped: whoever began the trace decided so
    Counter sampled_out;   // dropped by the sampler, by a rule or by --keep
    Counter rate_limited;  // dropped: the budget was used up
    Counter undecided;     // dropped for want of memory, before --keep could see the whole trace
    Counter partial;       // of those exported: kept because others may hold the rest of the trace
  };

  /// All outlive this.
  Sampling(const SamplingOptions& options, ResourceSource& resources, SpanReceiver& next);

  void on_span(Span&& span) override;
  void tick(std::uint64_t now_ns);
  /// Decides about all that waits.
  void flush();

  /// Spans that wait for the rest of their trace.
  std::size_t held() const { return waiting_.spans(); }
  std::size_t held_bytes() const { return waiting_.bytes(); }
  const Counters& counters() const { return counters_; }

 private:
  bool is_ours(const Span& span) const { return !options_.sampler.parent_based || !span.begun_elsewhere; }
  void wait(Span&& span);
  void pass(Span&& span, Threshold threshold);
  void follow(const TraceDecision& decision, Span&& span);
  void decide(const WaitingTrace& trace, TraceDecision::What otherwise);
  Threshold head_of(const Span& entry, std::string_view service) const;
  SpanFacts facts_of(const Span& span, std::string_view service);
  std::size_t size_of(const Span& span) const { return budget_.counts_bytes() ? otlp_bytes(span) : 0; }
  void drop(TraceDecision::What why, std::size_t spans);
  void send(Span&& span, Threshold threshold);

  const SamplingOptions& options_;
  const bool writes_threshold_;
  ResourceSource& resources_;
  SpanReceiver& next_;
  Budget budget_;
  Decisions decisions_;
  WaitingTraces waiting_;
  std::optional<RouteTimes> times_;     // where --keep asks what is slow
  std::optional<Sightings> sightings_;  // ... and what is rare
  std::uint64_t now_ns_ = 0;
  Counters counters_;
};

}  // namespace suture

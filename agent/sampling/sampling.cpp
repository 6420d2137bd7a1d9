#include "sampling/sampling.h"

#include <algorithm>
#include <utility>

#include "sampling/ot_state.h"
#include "sampling/packed_span.h"
#include "sampling/route.h"
#include "trace/trace_context.h"

namespace suture {
namespace {

constexpr std::size_t kDecisionsShare = 8;  // of the memory an eighth: some 75 000 decisions of 64 MiB

bool is_sampled(const Span& span) { return (span.trace_flags & kTraceFlagSampled) != 0; }

/// The span with which a trace entered this host, as far as spans of ours tell.
bool is_entry(const Span& span) { return !span.parent_id.valid() || span.parent_is_remote; }

std::uint64_t randomness_of(const Span& span) {
  if (!span.trace_state.empty())
    if (const auto explicit_one = ot_state_of(span.trace_state).randomness) return *explicit_one;
  return randomness_of(span.trace_id);
}

/// A threshold that cannot have kept the span says nothing of how many it stands for: the specification asks to erase it.
void erase_wrong_threshold(Span& span) {
  if (span.trace_state.empty()) return;
  const OtState state = ot_state_of(span.trace_state);
  if (state.threshold && randomness_of(span) < *state.threshold) span.trace_state = with_threshold(span.trace_state, std::nullopt);
}

}  // namespace

Sampling::Sampling(const SamplingOptions& options, ResourceSource& resources, SpanReceiver& next)
    : options_(options), writes_threshold_(options.keep || !options.rules.empty() || options.sampler.root != kCertain), resources_(resources),
      next_(next), budget_(options.budget), decisions_(std::max<std::size_t>(options.memory_bytes / kDecisionsShare / Decisions::kBytesEach, 1)),
      waiting_({.bytes = options.memory_bytes - options.memory_bytes / kDecisionsShare}) {
  if (options.keep && options.keep->asks(Condition::Of::Slow)) times_.emplace();
  if (options.keep && options.keep->asks(Condition::Of::Rare)) sightings_.emplace();
}

void Sampling::on_span(Span&& span) {
  const bool ours = is_ours(span);
  if (options_.sampler.parent_based && !is_sampled(span)) return counters_.not_sampled.add();
  if (!ours) erase_wrong_threshold(span);
  if (const TraceDecision* decision = decisions_.find(span.trace_id)) return follow(*decision, std::move(span));
  const bool rules_decide = ours && !options_.rules.empty();
  const Threshold head = ours ? options_.sampler.root : kCertain;
  if (!rules_decide && randomness_of(span) < head) return drop(TraceDecision::What::SampledOut, 1);
  if (rules_decide || (options_.keep && !span.begun_elsewhere)) return wait(std::move(span));
  pass(std::move(span), head);
}

void Sampling::wait(Span&& span) {
  WaitingTrace& trace = waiting_.add(span, now_ns_);
  if (trace.span_count == 1) {
    trace.randomness = randomness_of(span);
    trace.begun_elsewhere = span.begun_elsewhere;
    trace.head = options_.sampler.root;
  }
  trace.otlp_bytes += size_of(span);
  const std::string_view service = resources_.resource_of(span.process).service_name();
  if (options_.keep) trace.met |= options_.keep->met_by(facts_of(span, service));
  if (is_entry(span) && !trace.entered) {
    trace.head = head_of(span, service);
    waiting_.enter(trace);
    if (!options_.keep) return decide(waiting_.take(span.trace_id), TraceDecision::What::SampledOut);
  }
  while (const auto oldest = waiting_.take_beyond_limit()) decide(*oldest, TraceDecision::What::Undecided);
}

Threshold Sampling::head_of(const Span& entry, std::string_view service) const {
  for (const SampleRule& rule : options_.rules)
    if (rule.fits(entry, service)) return rule.threshold;
  return options_.sampler.root;
}

SpanFacts Sampling::facts_of(const Span& span, std::string_view service) {
  SpanFacts facts;
  facts.service = service;
  facts.error = span.status == SpanStatus::Error;
  facts.duration_ns = static_cast<std::uint64_t>(std::max<std::int64_t>(span.end_unix_ns - span.start_unix_ns, 0));
  if (const auto* status = span.attributes.find(AttributeKey::HttpResponseStatusCode)) facts.status = static_cast<std::uint64_t>(status->value.integer);
  // What callers wait for. Were it any span, one trace of ten spans in ten would be slow.
  if (times_ && is_entry(span)) facts.slow = times_->is_slow(route_of(span, service), facts.duration_ns);
  if (sightings_) facts.rare = sightings_->is_rare(outcome_of(span, service), now_ns_);
  return facts;
}

/// All of the trace goes the same way; where the rule does not keep it, `otherwise` says why it is dropped.
void Sampling::decide(const WaitingTrace& trace, TraceDecision::What otherwise) {
  TraceDecision decision{TraceDecision::What::Keep, trace.head};
  if (options_.keep && !trace.begun_elsewhere) decision.threshold = std::max(trace.head, options_.keep->threshold(trace.met));
  if (trace.randomness < decision.threshold) decision.what = trace.randomness < trace.head ? TraceDecision::What::SampledOut : otherwise;
  else if (!budget_.may_begin(trace.span_count, trace.otlp_bytes)) decision.what = TraceDecision::What::RateLimited;
  decisions_.remember(trace.id, decision);
  if (decision.what != TraceDecision::What::Keep) return drop(decision.what, trace.span_count);
  for (std::string_view packed = trace.spans; !packed.empty();) send(unpack(packed, trace.id), decision.threshold);
}

/// The span need not wait for others: they are decided alike, by what they carry themselves.
void Sampling::pass(Span&& span, Threshold threshold) {
  TraceDecision decision{TraceDecision::What::Keep, threshold};
  if (!budget_.may_begin(1, size_of(span))) decision.what = TraceDecision::What::RateLimited;
  // Only then may others of the trace be decided otherwise.
  if (budget_.is_short()) decisions_.remember(span.trace_id, decision);
  if (decision.what == TraceDecision::What::Keep) send(std::move(span), threshold);
  else drop(decision.what, 1);
}

void Sampling::follow(const TraceDecision& decision, Span&& span) {
  if (decision.what != TraceDecision::What::Keep) return drop(decision.what, 1);
  if (!budget_.may_go_on(1, size_of(span))) return drop(TraceDecision::What::RateLimited, 1);
  send(std::move(span), decision.threshold);
}

void Sampling::drop(TraceDecision::What why, std::size_t spans) {
  switch (why) {
    case TraceDecision::What::Keep: break;
    case TraceDecision::What::SampledOut: return counters_.sampled_out.add(spans);
    case TraceDecision::What::RateLimited: return counters_.rate_limited.add(spans);
    case TraceDecision::What::Undecided: return counters_.undecided.add(spans);
  }
}

void Sampling::send(Span&& span, Threshold threshold) {
  if (is_ours(span) && (writes_threshold_ || ot_state_of(span.trace_state).threshold)) span.trace_state = with_threshold(span.trace_state, threshold);
  span.trace_flags |= kTraceFlagSampled;
  if (options_.keep && span.begun_elsewhere) {
    span.attributes.add(AttributeKey::SuturePartial, true);
    counters_.partial.add();
  }
  counters_.exported.add();
  next_.on_span(std::move(span));
}

void Sampling::tick(std::uint64_t now_ns) {
  now_ns_ = now_ns;
  budget_.tick(now_ns);
  while (const auto due = waiting_.take_due(now_ns)) decide(*due, TraceDecision::What::SampledOut);
  if (!options_.keep && options_.rules.empty() && budget_.is_full()) decisions_.clear();
}

void Sampling::flush() {
  while (const auto trace = waiting_.take_any()) decide(*trace, TraceDecision::What::SampledOut);
}

}  // namespace suture

#include "gateway/mender.h"

#include <algorithm>
#include <utility>

namespace suture {

using State = TraceTable::State;

Mender::Mender(MendMode mode, Limits limits, std::function<void(ReportedSpan&&)> ask, std::function<void(Parcel&&)> forward)
    : mode_(mode), limits_(limits), ask_(std::move(ask)), forward_(std::move(forward)), table_(limits.traces) {}

void Mender::take(Parcel&& parcel, Clock::time_point now) {
  if (!parcel.telemetry || !mends(parcel.signal)) return forward_(std::move(parcel));
  held_bytes_ += parcel.body.size();
  const auto held = held_.insert(held_.end(), Held{std::move(parcel), now + limits_.hold, 0, {}, {}});
  ask_for_spans(held);
  if (mode_ == MendMode::Rewrite)
    held->parcel.telemetry->for_each([held](TraceRecord& record) {
      if (const TraceId trace = record.trace(); trace.valid()) held->unknown.push_back(trace);
    });
  std::sort(held->unknown.begin(), held->unknown.end());
  held->unknown.erase(std::unique(held->unknown.begin(), held->unknown.end()), held->unknown.end());
  if (ready(*held)) release(held);
  while (held_bytes_ > limits_.held_bytes) release(held_.begin());
}

/// A root says where its trace belongs; in a rewrite also server spans below others may be hung elsewhere.
void Mender::ask_for_spans(std::list<Held>::iterator held) {
  held->parcel.telemetry->for_each_span([this, held](SpanRecord& record) {
    ReportedSpan span = record.facts();
    const bool root = !span.parent.valid();
    const bool wanted = mode_ == MendMode::Link ? root && span.server : root || span.server;
    if (!wanted || !span.trace.valid() || !asked_.try_emplace(SpanKey{span.trace, span.span}, held).second) return;
    if (root && table_.find(span.trace).state == State::Unknown) table_.set(span.trace, {.state = State::Asked});
    span.upload_port = held->parcel.upload_port;
    ++held->asked;
    ask_(std::move(span));
  });
}

void Mender::on_placed(const Placement& placement) {
  const auto asked = asked_.find({placement.reported_trace, placement.reported_span});
  if (placement.root) {
    (placement.found ? counters_.joined : counters_.unjoined).add();
    if (mode_ == MendMode::Rewrite)
      table_.set(placement.reported_trace, placement.found ? TraceTable::Entry{State::Moved, placement.trace, placement.flags} : TraceTable::Entry{State::Own});
  }
  if (asked == asked_.end()) return;  // it has left
  Held& held = *asked->second;
  --held.asked;
  if (placement.found) held.places.push_back(placement);
  asked_.erase(asked);
}

/// Nothing more is to be known of it.
bool Mender::ready(Held& held) const {
  std::erase_if(held.unknown, [this](const TraceId& trace) {
    const State state = table_.find(trace).state;
    return state == State::Own || state == State::Moved;
  });
  return held.asked == 0 && held.unknown.empty();
}

void Mender::tick(Clock::time_point now) {
  for (auto held = held_.begin(); held != held_.end();) {
    const auto next = std::next(held);
    if (ready(*held) || held->until <= now) release(held);
    held = next;
  }
}

void Mender::flush() {
  while (!held_.empty()) release(held_.begin());
}

void Mender::release(std::list<Held>::iterator held) {
  held_bytes_ -= held->parcel.body.size();
  if (held->asked != 0) std::erase_if(asked_, [held](const auto& asked) { return asked.second == held; });
  mend(*held);
  forward_(std::move(held->parcel));
  held_.erase(held);
}

void Mender::mend(Held& held) {
  Telemetry& telemetry = *held.parcel.telemetry;
  bool changed = false;
  telemetry.for_each_span([&](SpanRecord& span) { place(span, held, changed); });
  if (mode_ == MendMode::Rewrite)
    telemetry.for_each([&](TraceRecord& record) {
      const TraceTable::Entry entry = table_.find(record.trace());
      if (std::binary_search(held.unknown.begin(), held.unknown.end(), record.trace())) counters_.unmended.add();
      if (entry.state != State::Moved) return;
      record.move_to(entry.to, entry.flags);
      counters_.moved.add();
      changed = true;
    });
  else if (held.asked != 0) counters_.unmended.add(held.asked);
  if (changed) held.parcel.body = telemetry.encode();
}

/// Links of the span, and what it hangs under; its own trace is not touched yet.
void Mender::place(SpanRecord& span, const Held& held, bool& changed) {
  if (mode_ == MendMode::Rewrite)
    span.move_links([&](const TraceId& trace) {
      const TraceTable::Entry entry = table_.find(trace);
      changed |= entry.state == State::Moved;
      return entry.state == State::Moved ? entry.to : trace;
    });
  if (held.places.empty()) return;
  const ReportedSpan facts = span.facts();
  const auto at = std::find_if(held.places.begin(), held.places.end(), [&facts](const Placement& each) {
    return each.reported_trace == facts.trace && each.reported_span == facts.span;
  });
  if (at == held.places.end()) return;
  if (mode_ == MendMode::Link) {
    span.add_link(at->trace, at->server, at->flags);
  } else if (at->parent != facts.parent) {
    span.hang_under(at->parent);
    if (!at->root) counters_.reparented.add();
  }
  changed = true;
}

}  // namespace suture

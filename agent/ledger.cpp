#include "ledger.h"

#include <map>

#include <fmt/format.h>

#include "base/json_writer.h"

namespace suture {
namespace {

constexpr std::string_view kVerdicts[] = {"unknown", "http", "other", "tls", "http2", "upgraded", "ignored", ""};

void put(JsonWriter& json, std::string_view key, std::uint64_t value) {
  json.key(key);
  json.integer(static_cast<std::int64_t>(value));
}

void put(JsonWriter& json, std::string_view key, const Ledger::Reasons& reasons) {
  json.key(key);
  json.begin_object();
  for (const auto& [name, value] : reasons) put(json, name, value);
  json.end_object();
}

std::string list(const Ledger::Reasons& reasons) {
  std::string out;
  for (const auto& [name, value] : reasons)
    if (value) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name, value);
  return out.empty() ? "none" : out;
}

Ledger::Reasons kernel_notes(const KernelCounters& counters) {
  Ledger::Reasons reasons;
  for (int i = COUNT_HEAD_TOO_LONG; i < TRACE_COUNT_WRITTEN; ++i)
    reasons.emplace_back(name_of(static_cast<kernel_counter>(i)), counters.count[i]);
  reasons.emplace_back("missed_runs", counters.missed_runs);
  return reasons;
}

Ledger::Reasons verdicts_of(const Traffic::Share& share) {
  Ledger::Reasons reasons;
  for (std::size_t i = 0; i < share.connections.size(); ++i)
    if (!kVerdicts[i].empty() && share.connections[i]) reasons.emplace_back(kVerdicts[i], share.connections[i]);
  return reasons;
}

EdgesLedger edges_of(const RemoteEdges& edges) {
  const RemoteEdges::Counters& e = edges.counters();
  EdgesLedger ledger;
  ledger.sent = e.sent.get();
  ledger.received = e.received.get();
  ledger.linked = e.linked.get();
  ledger.waiting = edges.waiting();
  ledger.missing = {{"no_store", e.no_store.get()}, {"not_found", e.not_found.get()}, {"proxied", e.proxied.get()}, {"unreachable", e.unreachable.get()}, {"no_room", e.no_room.get()}, {"late", e.late.get()}};
  const EdgeStoreLedger store = edges.store_ledger().value_or(EdgeStoreLedger());
  ledger.told = store.told;
  ledger.written = store.written;
  ledger.told_waiting = store.waiting;
  ledger.batches = store.batches;
  ledger.batches_failed = store.batches_failed;
  ledger.dropped = {{"queue_full", store.dropped_queue_full}, {"unreachable", store.dropped_unreachable}};
  return ledger;
}

}  // namespace

Ledger::Reasons contexts_of(const KernelCounters& counters) {
  Ledger::Reasons reasons;
  std::uint64_t sum = 0;
  for (int i = TRACE_COUNT_WRITTEN; i < KERNEL_COUNTERS; ++i) {
    reasons.emplace_back(name_of(static_cast<kernel_counter>(i)), counters.count[i]);
    sum += counters.count[i];
  }
  return sum ? reasons : Ledger::Reasons();
}

Ledger::Reasons drops_of(const KernelCounters& counters) {
  Ledger::Reasons reasons;
  for (int i = DROP_RING_FULL; i <= DROP_SHED; ++i)
    reasons.emplace_back(name_of(static_cast<kernel_counter>(i)), counters.count[i]);
  return reasons;
}

Ledger::Reasons drops_of(const DeliveryLedger& d) {
  return {{"queue_full", d.dropped_queue_full}, {"too_large", d.dropped_too_large}, {"rejected", d.dropped_rejected}, {"expired", d.dropped_expired}, {"write", d.dropped_write}};
}

Ledger Ledger::of(const Probe* probe, const Pipeline& pipeline, const Batcher& batcher, ProcessTable& processes, const Gateway* gateway) {
  Ledger ledger;
  if (probe) ledger.kernel = probe->counters();
  const Pipeline::Counters& p = pipeline.counters();
  ledger.events_received = p.received.get();
  ledger.events_lost = {{"malformed", p.malformed.get()}, {"unknown_connection", p.unknown_connection.get()},
                        {"connections_refused", p.connections_refused.get()}, {"connections_evicted", p.connections_evicted.get()}};
  const ExchangeCounters& h = pipeline.http_counters();
  ledger.requests = h.requests.get();
  ledger.exchanges = h.exchanges.get();
  ledger.requests_dropped = {{"hole", h.dropped_hole.get()}, {"invalid", h.dropped_invalid.get()}, {"too_many", h.dropped_too_many.get()},
                             {"upgraded", h.dropped_upgraded.get()}, {"unended", h.dropped_unended.get()}};
  ledger.http_notes = {{"responses_without_request", h.responses_without_request.get()}, {"holes", h.holes.get()},
                       {"heads_invalid", h.heads_invalid.get()}, {"resyncs", h.resyncs.get()}, {"requests_ignored", h.requests_ignored.get()},
                       {"abandoned", h.abandoned.get()}, {"heads_truncated", h.heads_truncated.get()}, {"suspicious", h.suspicious.get()},
                       {"upgrades", h.upgrades.get()}, {"ends_unconfirmed", h.ends_unconfirmed.get()}};
  const Joiner::Counters& j = pipeline.joiner().counters();
  const Forest::Counters& f = pipeline.joiner().forest_counters();
  ledger.spans_made = j.made.get();
  const Sampling::Counters& s = pipeline.sampling().counters();
  ledger.spans_exported = s.exported.get();
  ledger.spans_held = pipeline.held();
  ledger.spans_dropped = {{"probe", j.dropped_probe.get()}, {"otlp_intake", j.dropped_intake.get()}, {"excluded", j.dropped_excluded.get()},
                          {"outside_command", f.dropped_outside.get()}, {"sdk_client", f.dropped_sdk_client.get()},
                          {"sdk_server", f.dropped_sdk_server.get()}, {"not_sampled", s.not_sampled.get()},
                          {"sampled_out", s.sampled_out.get()}, {"rate_limited", s.rate_limited.get()}, {"undecided", s.undecided.get()}};
  ledger.join_notes = {{"joined", j.joined.get()}, {"unjoined_local", j.unjoined_local.get()}, {"released_early", f.released_early.get()},
                       {"hold_expired", f.hold_expired.get()}, {"written", j.written.get()}, {"written_otherwise", j.written_otherwise.get()}, {"late_links", f.late_links.get()}, {"edges_forgotten", j.edges_forgotten.get()},
                       {"unnamed", pipeline.waiting_room().counters().spans_unnamed.get()}, {"partial", s.partial.get()}};
  const LinkCounters& l = pipeline.linker().counters();
  ledger.links = {{"thread", l.by_thread.get()}, {"policy", l.by_policy.get()}, {"waiter", l.by_waiter.get()}, {"completion", l.by_completion.get()},
                  {"spawn", l.by_spawn.get()}, {"handover", l.by_handover.get()},
                  {"unlinked_background", l.background.get()}, {"unlinked_no_evidence", l.no_evidence.get()},
                  {"unlinked_not_trusted", l.not_trusted.get()}, {"unlinked_given_up", l.given_up.get()}};
  for (const auto& sink : batcher.sinks()) ledger.deliveries.emplace_back(sink->name(), sink->ledger());
  if (pipeline.joiner().remote_edges().enabled()) ledger.edges = edges_of(pipeline.joiner().remote_edges());
  if (gateway) {
    ledger.gateway = gateway->ledger();
    for (const auto& delivery : ledger.gateway->deliveries) ledger.deliveries.push_back(delivery);
    const SpanPlacer::Counters& s = pipeline.joiner().placer_counters();
    ledger.gateway->placed = {{"placed", s.placed.get()}, {"below_proxy", s.below.get()}, {"no_process", s.no_process.get()}, {"no_request", s.no_request.get()},
                              {"ambiguous", s.ambiguous.get()}, {"contradicted", s.contradicted.get()}, {"edge", s.edge.get()}, {"late", s.late.get()}};
  }

  std::map<std::string, Traffic::Share> by_name;
  for (const auto& [process, share] : pipeline.traffic().shares()) {
    const std::string name = process.valid() ? std::string(processes.resource_of(process).service_name()) : "(more processes)";
    Traffic::Share& sum = by_name[name];
    for (std::size_t i = 0; i < share.connections.size(); ++i) sum.connections[i] += share.connections[i];
    sum.failed_connects += share.failed_connects;
    sum.retransmits += share.retransmits;
  }
  for (auto& [name, share] : by_name) ledger.services.push_back({name, share});
  return ledger;
}

std::string Ledger::to_json() const {
  std::string out;
  JsonWriter json(out);
  json.begin_object();

  json.key("events");
  json.begin_object();
  if (kernel) {
    put(json, "seen", kernel->count[COUNT_EMITTED] + kernel->count[COUNT_REFUSED]);
    put(json, "emitted", kernel->count[COUNT_EMITTED]);
    put(json, "dropped", drops_of(*kernel));
    put(json, "notes", kernel_notes(*kernel));
    put(json, "contexts", contexts_of(*kernel));
  }
  put(json, "received", events_received);
  put(json, "lost", events_lost);
  json.end_object();

  json.key("requests");
  json.begin_object();
  put(json, "seen", requests);
  put(json, "ended", exchanges);
  put(json, "dropped", requests_dropped);
  put(json, "notes", http_notes);
  json.end_object();

  json.key("spans");
  json.begin_object();
  put(json, "made", spans_made);
  put(json, "exported", spans_exported);
  put(json, "held", spans_held);
  put(json, "dropped", spans_dropped);
  put(json, "notes", join_notes);
  put(json, "links", links);
  json.end_object();

  json.key("deliveries");
  json.begin_object();
  for (const auto& [name, d] : deliveries) {
    json.key(name);
    json.begin_object();
    put(json, "queued", d.queued);
    put(json, "accepted", d.accepted);
    put(json, "waiting", d.waiting);
    put(json, "dropped", drops_of(d));
    json.end_object();
  }
  json.end_object();

  if (edges) {
    json.key("edges");
    json.begin_object();
    put(json, "sent", edges->sent);
    put(json, "received", edges->received);
    put(json, "linked", edges->linked);
    put(json, "waiting", edges->waiting);
    put(json, "missing", edges->missing);
    put(json, "told", edges->told);
    put(json, "written", edges->written);
    put(json, "told_waiting", edges->told_waiting);
    put(json, "dropped", edges->dropped);
    put(json, "batches", edges->batches);
    put(json, "batches_failed", edges->batches_failed);
    json.end_object();
  }

  if (gateway) {
    json.key("gateway");
    json.begin_object();
    put(json, "received", gateway->received);
    put(json, "forwarded", gateway->forwarded);
    put(json, "waiting", gateway->waiting());
    put(json, "dropped", gateway->dropped);
    put(json, "refused", gateway->refused);
    put(json, "mended", gateway->mended);
    put(json, "placed", gateway->placed);
    json.end_object();
  }

  json.key("services");
  json.begin_object();
  for (const Service& service : services) {
    json.key(service.name);
    json.begin_object();
    put(json, "connections", verdicts_of(service.share));
    put(json, "failed_connects", service.share.failed_connects);
    put(json, "retransmits", service.share.retransmits);
    json.end_object();
  }
  json.end_object();
  json.end_object();
  return out;
}

std::string Ledger::to_text() const {
  std::string out;
  if (kernel)
    out += fmt::format("events      {} seen = {} emitted + dropped: {}\n", kernel->count[COUNT_EMITTED] + kernel->count[COUNT_REFUSED], kernel->count[COUNT_EMITTED],
                       list(drops_of(*kernel)));
  out += fmt::format("requests    {} seen, {} with their end; dropped: {}\n", requests, exchanges, list(requests_dropped));
  out += fmt::format("spans       {} made = {} exported + {} held + dropped: {}\n", spans_made, spans_exported, spans_held, list(spans_dropped));
  if (edges)
    out += fmt::format("edges       {} received from other hosts = {} linked + {} waiting + not linked: {}; {} sent, {} told = {} written + {} waiting + dropped: {}\n",
                       edges->received, edges->linked, edges->waiting, list(edges->missing), edges->sent, edges->told, edges->written, edges->told_waiting, list(edges->dropped));
  if (gateway)
    out += fmt::format("gateway     {} received = {} forwarded + {} waiting; dropped: {}; mended: {}\n", gateway->received, gateway->forwarded, gateway->waiting(),
                       list(gateway->dropped), list(gateway->mended));
  for (const auto& [name, d] : deliveries)
    out += fmt::format("{:<11} {} queued = {} accepted + {} waiting + dropped: {}\n", name, d.queued, d.accepted, d.waiting,
                       list(drops_of(d)));
  for (const Service& service : services)
    out += fmt::format("connections {}: {}\n", service.name, list(verdicts_of(service.share)));
  return out;
}

}  // namespace suture

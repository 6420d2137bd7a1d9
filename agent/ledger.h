#pragma once
// Ledger: what became of everything, in lines that hold exactly at any quiet moment:
//   events      seen = emitted + dropped{reason}                      (kernel)
//   spans       made = exported + held + dropped{reason}
//   deliveries  queued = accepted + waiting + dropped{reason}         (per destination)
//   edges       received = linked + missing{reason} + waiting         (requests from other hosts)
//   gateway     received = forwarded + waiting                        (records of SDKs)
// and, for people, what connections carried per service.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "export/span_sink.h"
#include "gateway/gateway.h"
#include "kernel/probe.h"
#include "pipeline.h"

namespace suture {

/// Requests between this host and others that carry no trace context: received = linked + missing + waiting; told = written +
/// told_waiting + dropped.
struct EdgesLedger {
  using Reasons = std::vector<std::pair<std::string, std::uint64_t>>;

  std::uint64_t sent = 0, received = 0, linked = 0, waiting = 0;
  Reasons missing;
  std::uint64_t told = 0, written = 0, told_waiting = 0, batches = 0, batches_failed = 0;
  Reasons dropped;
};

struct Ledger {
  using Reasons = std::vector<std::pair<std::string, std::uint64_t>>;

  struct Service {
    std::string name;
    Traffic::Share share;
  };

  std::optional<KernelCounters> kernel;  // none in replays
  std::uint64_t events_received = 0;
  Reasons events_lost;                   // after the ring: malformed, unknown connection
  std::uint64_t requests = 0, exchanges = 0;
  Reasons requests_dropped;
  Reasons http_notes;                    // counted, not lost: truncated heads, resynchronised streams
  std::uint64_t spans_made = 0, spans_exported = 0, spans_held = 0;
  Reasons spans_dropped;
  Reasons join_notes;
  Reasons links;                         // requests sent, by how their cause was found, or why not
  std::vector<std::pair<std::string, DeliveryLedger>> deliveries;
  std::vector<Service> services;         // by name
  std::optional<EdgesLedger> edges;      // none where the key of ids is not shared
  std::optional<GatewayLedger> gateway;  // its deliveries are among the others

  /// `gateway` may be null.
  static Ledger of(const Probe* probe, const Pipeline& pipeline, const Batcher& batcher, ProcessTable& processes, const Gateway* gateway = nullptr);

  std::string to_json() const;
  /// A few lines for the terminal.
  std::string to_text() const;
};

/// Requests of chosen processes, by what became of their context. Empty where none is to be written.
Ledger::Reasons contexts_of(const KernelCounters& counters);
/// By reason, zeros included.
Ledger::Reasons drops_of(const KernelCounters& counters);
Ledger::Reasons drops_of(const DeliveryLedger& delivery);

}  // namespace suture

#include "own_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <string_view>

#include "metrics/instruments.h"
#include "process/resource_attributes.h"
#include "process/uuid.h"

namespace suture {
namespace {

namespace in = instruments;

/// Points of one moment, all added up since `start_unix_ns`.
class OwnPoints {
 public:
  OwnPoints(std::int64_t start_unix_ns, MetricGroup& own) : start_unix_ns_(start_unix_ns), own_(own) {}

  void add(const Instrument& instrument, std::uint64_t value, const Labels& labels = {}) {
    own_.family(instrument).points.push_back({labels, start_unix_ns_, static_cast<std::int64_t>(value)});
  }
  void add_number(const Instrument& instrument, double value) { own_.family(instrument).points.push_back({Labels(), start_unix_ns_, value}); }
  void add(const Instrument& instrument, LabelKey key, const Ledger::Reasons& reasons) {
    for (const auto& [name, value] : reasons) {
      Labels labels;
      labels.add(key, name);
      add(instrument, value, labels);
    }
  }

 private:
  const std::int64_t start_unix_ns_;
  MetricGroup& own_;
};

Labels component(std::string_view name, std::string_view error = {}) {
  Labels labels;
  labels.add(LabelKey::OtelComponentName, name);
  if (!error.empty()) labels.add(LabelKey::ErrorType, error);
  return labels;
}

void add_delivery(const Instrument& exported, const Instrument& in_flight, std::string_view name, const DeliveryLedger& ledger, OwnPoints& points) {
  points.add(exported, ledger.accepted, component(name));
  for (const auto& [reason, spans] : drops_of(ledger)) points.add(exported, spans, component(name, reason));
  points.add(in_flight, ledger.waiting, component(name));
}

/// Links and reasons stand in one list of the ledger; these begin so.
constexpr std::string_view kUnlinked = "unlinked_";

std::uint64_t resident_bytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long pages = 0;
  const bool read = std::fscanf(file, "%*u %lu", &pages) == 1;
  std::fclose(file);
  return read ? pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string_view in_flight_of(LoadClass load) {
  switch (load) {
    case LoadClass::Single: return "1";
    case LoadClass::Light: return "2-4";
    case LoadClass::Busy: return "5-16";
    case LoadClass::Saturated: break;
  }
  return "17+";
}

void observe_audit(const ProcessKey& process, std::string_view rule, const Audit& audit, std::int64_t unix_ns, Metrics& metrics) {
  for (const auto& [of, agreement] : audit.classes()) {
    const double bound = audit.lower_bound(of.port, of.load);
    if (bound <= 0) continue;
    Labels labels;
    labels.add(LabelKey::SutureLinkRule, rule);
    labels.add(LabelKey::ServerPort, std::int64_t{of.port});
    labels.add(LabelKey::SutureInFlight, in_flight_of(of.load));
    metrics.observe_precision(process, labels, bound, unix_ns);
  }
}

}  // namespace

Resource own_resource(const HostFacts& host, std::uint32_t pid, std::int64_t start_unix_ns, const char* attributes) {
  Resource resource;
  const std::string instance = host.id + ":" + std::to_string(pid) + ":" + std::to_string(start_unix_ns);
  resource.attributes = {{"service.name", std::string("suture")},
                         {"service.version", std::string(SUTURE_VERSION)},
                         {"service.instance.id", uuid_v5(kServiceInstanceNamespace, instance)},
                         {"process.pid", std::int64_t{pid}},
                         {"os.type", std::string("linux")}};
  for (const auto& [key, value] : {std::pair("host.name", host.name), std::pair("host.id", host.id), std::pair("host.arch", host.arch)})
    if (!value.empty()) resource.attributes.push_back({key, value});
  const auto set = attributes != nullptr ? parse_resource_attributes(attributes) : std::nullopt;
  for (const auto& [key, value] : set.value_or(ResourceAttributes()))
    if (!key.starts_with("service.") && !key.starts_with("telemetry.")) resource.attributes.push_back({key, value});  // meant for a command
  return resource;
}

void append_ledger(const Ledger& ledger, std::int64_t start_unix_ns, MetricGroup& own) {
  OwnPoints points(start_unix_ns, own);
  if (ledger.kernel) {
    points.add(in::kEventsSeen, ledger.kernel->count[COUNT_EMITTED] + ledger.kernel->count[COUNT_REFUSED]);
    points.add(in::kEventsEmitted, ledger.kernel->count[COUNT_EMITTED]);
    points.add(in::kEventsDropped, LabelKey::SutureReason, drops_of(*ledger.kernel));
    points.add(in::kContexts, LabelKey::SutureReason, contexts_of(*ledger.kernel));
  }
  points.add(in::kRequestsSeen, ledger.requests);
  points.add(in::kRequestsDropped, LabelKey::SutureReason, ledger.requests_dropped);
  points.add(in::kSpansMade, ledger.spans_made);
  points.add(in::kSpansExported, ledger.spans_exported);
  points.add(in::kSpansDropped, LabelKey::SutureReason, ledger.spans_dropped);
  points.add(in::kSpansHeld, ledger.spans_held);
  Ledger::Reasons linked, missing;
  for (const auto& [name, requests] : ledger.links) {
    if (name.starts_with(kUnlinked)) missing.emplace_back(name.substr(kUnlinked.size()), requests);
    else linked.emplace_back(name, requests);
  }
  points.add(in::kLinks, LabelKey::SutureLinkMethod, linked);
  points.add(in::kLinksMissing, LabelKey::SutureReason, missing);
  if (ledger.edges) {
    points.add(in::kEdgesSent, ledger.edges->sent);
    points.add(in::kEdgesReceived, ledger.edges->received);
    points.add(in::kEdgesLinked, ledger.edges->linked);
    points.add(in::kEdgesMissing, LabelKey::SutureReason, ledger.edges->missing);
    points.add(in::kEdgesWritten, ledger.edges->written);
    points.add(in::kEdgesDropped, LabelKey::SutureReason, ledger.edges->dropped);
  }
  for (const auto& [name, delivery] : ledger.deliveries) add_delivery(in::kExported, in::kInFlight, name, delivery, points);
}

void append_deliveries(const MetricDeliveries& deliveries, std::int64_t start_unix_ns, MetricGroup& own) {
  OwnPoints points(start_unix_ns, own);
  for (const auto& [name, delivery] : deliveries) add_delivery(in::kPointsExported, in::kPointsInFlight, name, delivery, points);
}

void append_propagation(const std::vector<PropagationRow>& rows, std::int64_t start_unix_ns, MetricGroup& own) {
  constexpr std::size_t kMostPairs = 1'000;  // as many as an instrument of a service may have series
  std::map<std::pair<std::string_view, std::string_view>, PropagationCounts> pairs;
  PropagationCounts others;
  for (const PropagationRow& row : rows) {
    if (row.peer.empty()) continue;
    const std::pair<std::string_view, std::string_view> pair(row.service, row.peer);
    (pairs.size() < kMostPairs || pairs.contains(pair) ? pairs[pair] : others).add(row.sent);
  }
  OwnPoints points(start_unix_ns, own);
  const auto add = [&](const PropagationCounts& counts, const Labels& of) {
    for (std::size_t i = 0; i < kPropagationStates; ++i) {
      if (counts.of[i] == 0) continue;
      Labels labels = of;
      labels.add(LabelKey::State, name_of(static_cast<PropagationState>(i)));
      points.add(in::kPropagation, counts.of[i], labels);
    }
  };
  for (const auto& [pair, counts] : pairs) {
    Labels labels;
    labels.add(LabelKey::Service, pair.first);
    labels.add(LabelKey::Peer, pair.second);
    add(counts, labels);
  }
  add(others, overflow_labels());
}

void append_costs(const Ledger& ledger, std::int64_t start_unix_ns, MetricGroup& own) {
  OwnPoints points(start_unix_ns, own);
  if (ledger.kernel) points.add(in::kHooksMissed, ledger.kernel->missed_runs);
  if (ledger.kernel && ledger.kernel->runs > 0) {
    points.add(in::kHookRuns, ledger.kernel->runs);
    points.add_number(in::kHookTime, static_cast<double>(ledger.kernel->run_ns) / 1e9);
  }
  points.add_number(in::kCpuTime, cpu_seconds());
  points.add(in::kMemory, resident_bytes());
}

void observe_precision(const Linker& linker, std::int64_t unix_ns, Metrics& metrics) {
  for (const auto& [process, requests] : linker.processes()) {
    observe_audit(process, "thread", requests->thread_audit, unix_ns, metrics);
    observe_audit(process, "completion", requests->completion_audit, unix_ns, metrics);
    if (const Audit* const turns = requests->turns ? requests->turns->best() : nullptr) observe_audit(process, "turns", *turns, unix_ns, metrics);
  }
}

}  // namespace suture

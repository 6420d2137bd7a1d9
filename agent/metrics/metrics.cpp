#include "metrics/metrics.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "metrics/instruments.h"

namespace suture {
namespace {

constexpr std::uint64_t kLookNs = 1'000'000'000;

/// The label that an attribute becomes; none: it tells too many apart, or the conventions leave it out of metrics.
std::optional<LabelKey> label_of(AttributeKey key, SpanKind kind) {
  switch (key) {
    case AttributeKey::HttpRequestMethod: return LabelKey::HttpRequestMethod;
    case AttributeKey::HttpResponseStatusCode: return LabelKey::HttpResponseStatusCode;
    case AttributeKey::ErrorType: return LabelKey::ErrorType;
    case AttributeKey::NetworkProtocolName: return LabelKey::NetworkProtocolName;
    case AttributeKey::NetworkProtocolVersion: return LabelKey::NetworkProtocolVersion;
    case AttributeKey::HttpRoute: return LabelKey::HttpRoute;  // servers alone have one
    case AttributeKey::UrlScheme: return kind == SpanKind::Server ? std::optional(LabelKey::UrlScheme) : std::nullopt;
    case AttributeKey::ServerAddress: return kind == SpanKind::Client ? std::optional(LabelKey::ServerAddress) : std::nullopt;
    case AttributeKey::ServerPort: return kind == SpanKind::Client ? std::optional(LabelKey::ServerPort) : std::nullopt;
    default: return std::nullopt;
  }
}

/// Of these, what is known before the response. Which HTTP version it is, the conventions leave out here.
bool known_at_begin(LabelKey key) {
  return key == LabelKey::HttpRequestMethod || key == LabelKey::UrlScheme || key == LabelKey::ServerAddress || key == LabelKey::ServerPort;
}

/// False: this is no span of HTTP.
bool label(const Span& span, bool ended, Labels& out) {
  out.clear();
  bool is_http = false;
  for (const AttributeList::Entry& entry : span.attributes) {
    const std::optional<LabelKey> key = label_of(entry.key, span.kind);
    if (!key || (!ended && !known_at_begin(*key))) continue;
    is_http |= *key == LabelKey::HttpRequestMethod;
    if (entry.type == AttributeList::Entry::Type::Text) out.add(*key, span.attributes.text(entry));
    else out.add(*key, entry.value.integer);
  }
  return is_http;
}

/// What makes a service instance one: OpenTelemetry's three attributes. A program that follows another in its process
/// keeps the instance and not the name.
std::string identity_of(const Resource& resource) {
  std::string identity;
  for (const char* key : {"service.namespace", "service.name", "service.instance.id"}) {
    for (const Resource::Attribute& attribute : resource.attributes)
      if (const auto* text = std::get_if<std::string>(&attribute.value); text && attribute.key == key) identity += *text;
    identity += '\0';
  }
  return identity;
}

}  // namespace

Metrics::Metrics(ResourceSource& resources, std::int64_t start_unix_ns, Limits limits)
    : resources_(resources), start_unix_ns_(start_unix_ns), limits_(limits), budget_{limits.series},
      overflow_(Resource(), start_unix_ns, 0, no_budget_), graph_(start_unix_ns, limits.graph, budget_) {}

/// `unix_ns`: since when it is counted, if it is new.
ObservedService& Metrics::service_of(const ProcessKey& process, std::int64_t unix_ns) {
  if (const auto known = processes_.find(process); known != processes_.end()) return *known->second;
  const Resource& resource = resources_.resource_of(process);
  std::string identity = identity_of(resource);
  auto service = services_.find(identity);
  if (service == services_.end()) {
    if (services_.size() >= limits_.services) return overflow_;
    auto made = std::make_unique<ObservedService>(resource, std::max(start_unix_ns_, unix_ns), limits_.series_per_instrument, budget_);
    service = services_.emplace(std::move(identity), std::move(made)).first;
  }
  ObservedService& found = *service->second;
  found.ended_ns = now_ns_;
  // What a process sent last may come here after its end.
  if (resources_.is_over(process)) return found;
  ++found.processes;
  processes_.emplace(process, &found);
  return found;
}

void Metrics::on_process_over(const ProcessKey& process) {
  const auto found = processes_.find(process);
  if (found == processes_.end()) return;
  --found->second->processes;
  found->second->ended_ns = now_ns_;
  processes_.erase(found);
}

RequestSeries& Metrics::series_of(const Span& span, ObservedService& service) {
  return (span.kind == SpanKind::Server ? service.server_requests : service.client_requests).at(labels_);
}

void Metrics::count(const Span& span) {
  last_ = {};
  if (!label(span, true, labels_)) return;
  ObservedService& service = service_of(span.process, span.start_unix_ns);
  RequestSeries& series = series_of(span, service);
  series.duration.histogram.add(kSeconds, seconds_of(span));
  if (span.request_body_bytes) series.request_body.add(kBytes, static_cast<double>(*span.request_body_bytes));
  if (span.response_body_bytes) series.response_body.add(kBytes, static_cast<double>(*span.response_body_bytes));
  graph_.add(span, service.name(), now_ns_);
  last_ = {span.span_id, &series};
}

void Metrics::exemplify(const Span& span) {
  if (last_.series == nullptr || last_.span != span.span_id) {
    if (!label(span, true, labels_)) return;
    last_ = {span.span_id, &series_of(span, service_of(span.process, span.start_unix_ns))};
  }
  const double seconds = seconds_of(span);
  last_.series->duration.exemplars[bucket_of(kSeconds, seconds)] = {span.trace_id, span.span_id, span.end_unix_ns, seconds};
}

void Metrics::tick(std::uint64_t now_ns) {
  now_ns_ = std::max(now_ns_, now_ns);
  graph_.tick(now_ns_);
  if (now_ns_ < last_look_ns_ + kLookNs) return;
  last_look_ns_ = now_ns_;
  last_ = {};
  std::erase_if(services_, [this](const auto& entry) {
    return entry.second->processes == 0 && entry.second->ended_ns + limits_.keep_ended_ns < now_ns_;
  });
}

void Metrics::begin_observing() {
  for (const auto& [identity, service] : services_) {
    for (auto& [labels, requests] : service->server_active.all()) requests = 0;
    for (auto& [labels, requests] : service->client_active.all()) requests = 0;
    service->link_precision.clear();
  }
  for (auto* table : {&overflow_.server_active, &overflow_.client_active})
    for (auto& [labels, requests] : table->all()) requests = 0;
}

void Metrics::observe_active(const Span& span) {
  if (!label(span, false, labels_)) return;
  ObservedService& service = service_of(span.process, span.start_unix_ns);
  ++(span.kind == SpanKind::Server ? service.server_active : service.client_active).at(labels_);
}

void Metrics::observe_precision(const ProcessKey& process, const Labels& labels, double precision, std::int64_t unix_ns) {
  service_of(process, unix_ns).link_precision.at(labels) = precision;
}

void Metrics::append_to(MetricSnapshot& out, MetricGroup& own) const {
  for (const auto& [identity, service] : services_) {
    MetricGroup& group = out.groups.emplace_back(MetricGroup{service->resource(), false, {}});
    service->append_to(group);
    if (group.families.empty()) out.groups.pop_back();
  }
  overflow_.append_to(own);
  graph_.append_to(own);
}

}  // namespace suture

#pragma once
// Spans to count, and what became of them, in words.

#include <map>
#include <sstream>
#include <string>

#include "metrics/metrics.h"

namespace suture::test {

inline constexpr std::int64_t kStart = 1'700'000'000'000'000'000;
inline constexpr std::int64_t kMs = 1'000'000;
inline constexpr ProcessKey kShop{10, 1}, kStock{20, 2};

inline SpanId span_id(std::uint8_t last) { return {{1, 2, 3, 4, 5, 6, 7, last}}; }

inline Span http_span(SpanKind kind, ProcessKey process, std::string_view method, std::int64_t status, std::int64_t ms) {
  Span span;
  span.kind = kind;
  span.process = process;
  span.trace_id.bytes[15] = 1;
  span.span_id = span_id(static_cast<std::uint8_t>(kind));
  span.start_unix_ns = kStart;
  span.end_unix_ns = kStart + ms * kMs;
  span.attributes.add(AttributeKey::HttpRequestMethod, method);
  if (kind == SpanKind::Server) span.attributes.add(AttributeKey::UrlScheme, "http");
  span.attributes.add(AttributeKey::UrlPath, "/never/a/label");
  span.attributes.add(AttributeKey::ServerAddress, "stock.local");
  span.attributes.add(AttributeKey::ServerPort, std::int64_t{8080});
  span.attributes.add(AttributeKey::NetworkProtocolVersion, "1.1");
  span.attributes.add(AttributeKey::HttpResponseStatusCode, status);
  if (status >= 500) {
    span.status = SpanStatus::Error;
    span.attributes.add(AttributeKey::ErrorType, std::to_string(status));
  }
  return span;
}

/// Services by their processes; those that have ended are told.
class Services final : public ResourceSource {
 public:
  const Resource& resource_of(const ProcessKey& process) override {
    const std::string name = process == kShop ? "shop" : process == kStock ? "stock" : "service-" + std::to_string(process.tgid);
    resource_ = {{{"service.name", name}, {"service.instance.id", std::to_string(process.tgid)}}};
    return resource_;
  }
  bool is_over(const ProcessKey& process) const override { return process == over; }
  ProcessKey over{};

 private:
  Resource resource_;
};

inline std::string words(const Point& point) {
  std::ostringstream out;
  for (const Label& label : point.labels.list()) {
    out << (out.tellp() > 0 ? " " : "") << name_of(label.key) << "=";
    if (label.type == Label::Type::Text) out << label.text;
    else out << label.integer;
  }
  if (const auto* integer = std::get_if<std::int64_t>(&point.value)) out << ": " << *integer;
  if (const auto* number = std::get_if<double>(&point.value)) out << ": " << *number;
  if (const auto* value = std::get_if<HistogramPoint>(&point.value)) out << ": " << value->histogram.count() << " in " << value->histogram.sum << " s";
  return out.str();
}

/// The series of `instrument`, sorted, each on a line that begins with its service's name; the agent's own have none.
inline std::string series(const MetricSnapshot& snapshot, const Instrument& instrument) {
  std::multimap<std::string, int> lines;
  for (const MetricGroup& group : snapshot.groups)
    for (const Family& family : group.families)
      if (family.instrument == &instrument)
        for (const Point& point : family.points) lines.emplace((group.own ? "" : std::string(group.resource.service_name()) + " ") + words(point), 0);
  std::string out;
  for (const auto& [line, unused] : lines) out += line + "\n";
  return out;
}

inline MetricSnapshot snapshot_of(const Metrics& metrics) {
  MetricSnapshot snapshot;
  MetricGroup own{Resource(), true, {}};
  metrics.append_to(snapshot, own);
  snapshot.groups.push_back(std::move(own));
  return snapshot;
}

}  // namespace suture::test

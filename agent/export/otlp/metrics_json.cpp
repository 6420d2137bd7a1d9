#include "export/otlp/metrics_json.h"

#include "base/json_writer.h"
#include "export/otlp_common.h"
#include "export/otlp_json.h"

namespace suture {
namespace {

class MetricsJson {
 public:
  MetricsJson(const MetricSnapshot& snapshot, std::int64_t since_unix_ns, const TemporalityRecast& temporality, std::string& out)
      : unix_ns_(snapshot.unix_ns), since_unix_ns_(since_unix_ns), temporality_(temporality), json_(out) {}

  void write(const MetricSnapshot& snapshot) {
    json_.begin_object();
    json_.key("resourceMetrics");
    json_.begin_array();
    for (const MetricGroup& group : snapshot.groups) write(group);
    json_.end_array();
    json_.end_object();
  }

 private:
  void write(const MetricGroup& group) {
    json_.begin_object();
    json_.key("resource");
    write_otlp_json(json_, group.resource);
    json_.key("scopeMetrics");
    json_.begin_array();
    json_.begin_object();
    json_.key("scope");
    write_otlp_json_scope(json_);
    json_.key("metrics");
    json_.begin_array();
    for (const Family& family : group.families) write(family);
    json_.end_array();
    text("schemaUrl", kSchemaUrl);
    json_.end_object();
    json_.end_array();
    text("schemaUrl", kSchemaUrl);
    json_.end_object();
  }

  void text(std::string_view key, std::string_view value) {
    json_.key(key);
    json_.text(value);
  }
  void quoted(std::string_view key, std::int64_t value) {
    json_.key(key);
    json_.quoted_integer(value);
  }

  void write(const Family& family) {
    const Instrument& instrument = *family.instrument;
    const bool is_histogram = instrument.kind == InstrumentKind::Histogram, is_gauge = instrument.kind == InstrumentKind::Gauge;
    json_.begin_object();
    text("name", instrument.name);
    text("description", instrument.description);
    text("unit", instrument.unit);
    json_.key(is_histogram ? "histogram" : is_gauge ? "gauge" : "sum");
    json_.begin_object();
    json_.key("dataPoints");
    json_.begin_array();
    for (const Point& point : family.points) write(point, instrument);
    json_.end_array();
    if (!is_gauge) {
      json_.key("aggregationTemporality");
      json_.integer(temporality_.is_delta(instrument) ? 1 : 2);
    }
    if (!is_gauge && !is_histogram) {
      json_.key("isMonotonic");
      json_.boolean(instrument.kind == InstrumentKind::Counter);
    }
    json_.end_object();
    json_.end_object();
  }

  void write(const Point& point, const Instrument& instrument) {
    json_.begin_object();
    json_.key("attributes");
    json_.begin_array();
    for (const Label& label : point.labels.list()) write(label);
    json_.end_array();
    quoted("startTimeUnixNano", point.start_unix_ns);
    quoted("timeUnixNano", unix_ns_);
    if (const auto* integer = std::get_if<std::int64_t>(&point.value)) quoted("asInt", *integer);
    else if (const auto* number = std::get_if<double>(&point.value)) {
      json_.key("asDouble");
      json_.number(*number);
    } else {
      write(std::get<HistogramPoint>(point.value), *instrument.bounds);
    }
    json_.end_object();
  }

  void write(const Label& label) {
    json_.begin_object();
    text("key", name_of(label.key));
    json_.key("value");
    json_.begin_object();
    if (label.type == Label::Type::Text) text("stringValue", label.text);
    else if (label.type == Label::Type::Integer) quoted("intValue", label.integer);
    else {
      json_.key("boolValue");
      json_.boolean(label.integer != 0);
    }
    json_.end_object();
    json_.end_object();
  }

  void write(const HistogramPoint& point, const Bounds& bounds) {
    quoted("count", static_cast<std::int64_t>(point.histogram.count()));
    json_.key("sum");
    json_.number(point.histogram.sum);
    json_.key("bucketCounts");
    json_.begin_array();
    for (const std::uint64_t count : point.histogram.buckets) json_.quoted_integer(static_cast<std::int64_t>(count));
    json_.end_array();
    json_.key("explicitBounds");
    json_.begin_array();
    for (const double bound : bounds) json_.number(bound);
    json_.end_array();
    json_.key("exemplars");
    json_.begin_array();
    for (const Exemplar& exemplar : point.exemplars)
      if (exemplar.unix_ns > since_unix_ns_) write(exemplar);
    json_.end_array();
  }

  void write(const Exemplar& exemplar) {
    json_.begin_object();
    quoted("timeUnixNano", exemplar.unix_ns);
    json_.key("asDouble");
    json_.number(exemplar.value);
    text("spanId", to_hex(exemplar.span_id));
    text("traceId", to_hex(exemplar.trace_id));
    json_.end_object();
  }

  const std::int64_t unix_ns_, since_unix_ns_;
  const TemporalityRecast& temporality_;
  JsonWriter json_;
};

}  // namespace

std::string metrics_json(const MetricSnapshot& snapshot, std::int64_t since_unix_ns, const TemporalityRecast& temporality) {
  std::string out;
  MetricsJson(snapshot, since_unix_ns, temporality, out).write(snapshot);
  return out;
}

}  // namespace suture

#include "export/otlp/metrics_encoder.h"

#include "base/utf8.h"
#include "export/otlp/otlp.pb.h"
#include "export/otlp/resource_message.h"
#include "export/otlp_common.h"
#include "export/otlp/metrics_json.h"

namespace suture {
namespace {

namespace pb = otlp::v1;

template <typename Message>
void add_labels(const Labels& labels, Message& out) {
  std::string mended;
  for (const Label& label : labels.list()) {
    pb::KeyValue& pair = *out.add_attributes();
    pair.set_key(std::string(name_of(label.key)));
    switch (label.type) {
      case Label::Type::Text: pair.mutable_value()->set_string_value(std::string(as_utf8(label.text, mended))); break;
      case Label::Type::Integer: pair.mutable_value()->set_int_value(label.integer); break;
      case Label::Type::Boolean: pair.mutable_value()->set_bool_value(label.integer != 0); break;
    }
  }
}

void fill(const Point& point, std::int64_t unix_ns, pb::NumberDataPoint& out) {
  add_labels(point.labels, out);
  out.set_start_time_unix_nano(static_cast<std::uint64_t>(point.start_unix_ns));
  out.set_time_unix_nano(static_cast<std::uint64_t>(unix_ns));
  if (const auto* integer = std::get_if<std::int64_t>(&point.value)) out.set_as_int(*integer);
  else out.set_as_double(std::get<double>(point.value));
}

void fill(const Exemplar& exemplar, pb::Exemplar& out) {
  out.set_time_unix_nano(static_cast<std::uint64_t>(exemplar.unix_ns));
  out.set_as_double(exemplar.value);
  out.set_trace_id(exemplar.trace_id.bytes.data(), exemplar.trace_id.bytes.size());
  out.set_span_id(exemplar.span_id.bytes.data(), exemplar.span_id.bytes.size());
}

void fill(const Point& point, const Bounds& bounds, std::int64_t unix_ns, std::int64_t since_unix_ns, pb::HistogramDataPoint& out) {
  const auto& value = std::get<HistogramPoint>(point.value);
  add_labels(point.labels, out);
  out.set_start_time_unix_nano(static_cast<std::uint64_t>(point.start_unix_ns));
  out.set_time_unix_nano(static_cast<std::uint64_t>(unix_ns));
  out.set_count(value.histogram.count());
  out.set_sum(value.histogram.sum);
  for (const std::uint64_t count : value.histogram.buckets) out.add_bucket_counts(count);
  for (const double bound : bounds) out.add_explicit_bounds(bound);
  for (const Exemplar& exemplar : value.exemplars)
    if (exemplar.unix_ns > since_unix_ns) fill(exemplar, *out.add_exemplars());
}

void fill(const Family& family, std::int64_t unix_ns, std::int64_t since_unix_ns, bool delta, pb::Metric& out) {
  const Instrument& instrument = *family.instrument;
  const pb::Temporality temporality = delta ? pb::DELTA : pb::CUMULATIVE;
  out.set_name(std::string(instrument.name));
  out.set_description(std::string(instrument.description));
  out.set_unit(std::string(instrument.unit));
  switch (instrument.kind) {
    case InstrumentKind::Counter:
    case InstrumentKind::UpDownCounter:
      out.mutable_sum()->set_aggregation_temporality(temporality);
      out.mutable_sum()->set_is_monotonic(instrument.kind == InstrumentKind::Counter);
      for (const Point& point : family.points) fill(point, unix_ns, *out.mutable_sum()->add_data_points());
      break;
    case InstrumentKind::Gauge:
      for (const Point& point : family.points) fill(point, unix_ns, *out.mutable_gauge()->add_data_points());
      break;
    case InstrumentKind::Histogram:
      out.mutable_histogram()->set_aggregation_temporality(temporality);
      for (const Point& point : family.points) fill(point, *instrument.bounds, unix_ns, since_unix_ns, *out.mutable_histogram()->add_data_points());
      break;
  }
}

std::string protobuf_of(const MetricSnapshot& snapshot, std::int64_t since_unix_ns, const TemporalityRecast& temporality) {
  pb::ExportMetricsServiceRequest request;
  for (const MetricGroup& group : snapshot.groups) {
    pb::ResourceMetrics& of_resource = *request.add_resource_metrics();
    of_resource.set_schema_url(std::string(kSchemaUrl));
    fill_resource(group.resource, *of_resource.mutable_resource());
    pb::ScopeMetrics& of_scope = *of_resource.add_scope_metrics();
    of_scope.set_schema_url(std::string(kSchemaUrl));
    of_scope.mutable_scope()->set_name(std::string(kScopeName));
    of_scope.mutable_scope()->set_version(std::string(kScopeVersion));
    for (const Family& family : group.families)
      fill(family, snapshot.unix_ns, since_unix_ns, temporality.is_delta(*family.instrument), *of_scope.add_metrics());
  }
  return request.SerializeAsString();
}

}  // namespace

std::string_view MetricsEncoder::encode(const MetricSnapshot& snapshot, std::int64_t since_unix_ns, const TemporalityRecast& temporality) {
  message_ = protocol_ == OtlpProtocol::HttpJson ? metrics_json(snapshot, since_unix_ns, temporality) : protobuf_of(snapshot, since_unix_ns, temporality);
  return envelope_.wrap(message_);
}

}  // namespace suture

// Telemetry in protobuf. Fields that telemetry.proto does not name are kept by the library and written again behind the others.

#include <limits>

#include "gateway/telemetry.h"
#include "gateway/telemetry.pb.h"

namespace suture {
namespace {

using namespace gateway::v1;
using Attributes = google::protobuf::RepeatedPtrField<KeyValue>;

template <typename Id>
Id id_from(const std::string& bytes) {
  Id id;
  if (bytes.size() == id.bytes.size()) std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return id;
}

template <typename Id>
std::string bytes_of(const Id& id) {
  return {id.bytes.begin(), id.bytes.end()};
}

void add_text(Attributes& attributes, std::string_view key, std::string text) {
  KeyValue& pair = *attributes.Add();
  pair.set_key(std::string(key));
  pair.mutable_value()->set_string_value(std::move(text));
}

template <typename Message>
void move_message(Message& message, Attributes& attributes, const TraceId& trace) {
  add_text(attributes, kOriginalTraceId, to_hex(id_from<TraceId>(message.trace_id())));
  message.set_trace_id(bytes_of(trace));
}

class ProtobufSpan final : public SpanRecord {
 public:
  explicit ProtobufSpan(Span& span) : span_(span) {}

  TraceId trace() const override { return id_from<TraceId>(span_.trace_id()); }
  void move_to(const TraceId& trace, std::uint8_t flags) override {
    move_message(span_, *span_.mutable_attributes(), trace);
    span_.set_flags(span_.flags() | (flags & kTraceFlagSampled));
  }
  ReportedSpan facts() const override {
    ReportedSpan facts;
    facts.trace = trace();
    facts.span = id_from<SpanId>(span_.span_id());
    facts.parent = id_from<SpanId>(span_.parent_span_id());
    facts.server = span_.kind() == kKindServer;
    facts.start_unix_ns = static_cast<std::int64_t>(span_.start_time_unix_nano());
    facts.end_unix_ns = static_cast<std::int64_t>(span_.end_time_unix_nano());
    for (const KeyValue& pair : span_.attributes()) {
      if (pair.value().has_string_value()) take_request_attribute(facts, pair.key(), pair.value().string_value());
      else if (pair.value().has_int_value()) take_request_attribute(facts, pair.key(), pair.value().int_value());
    }
    return facts;
  }
  void hang_under(const SpanId& parent) override {
    const SpanId old = id_from<SpanId>(span_.parent_span_id());
    if (old.valid()) add_text(*span_.mutable_attributes(), kOriginalParentId, to_hex(old));
    span_.set_parent_span_id(bytes_of(parent));
    span_.set_flags(span_.flags() | kRemoteParent);
  }
  void add_link(const TraceId& trace, const SpanId& span, std::uint8_t flags) override {
    Link& link = *span_.add_links();
    link.set_trace_id(bytes_of(trace));
    link.set_span_id(bytes_of(span));
    link.set_flags(flags | kRemoteParent);
    add_text(*link.mutable_attributes(), kLinkMethod, std::string(kJoined));
  }
  void move_links(const std::function<TraceId(const TraceId&)>& moved) override {
    for (Link& link : *span_.mutable_links()) {
      const TraceId old = id_from<TraceId>(link.trace_id());
      if (const TraceId now = moved(old); now != old) move_message(link, *link.mutable_attributes(), now);
    }
  }

 private:
  Span& span_;
};

class ProtobufLog final : public TraceRecord {
 public:
  explicit ProtobufLog(LogRecord& record) : record_(record) {}
  TraceId trace() const override { return id_from<TraceId>(record_.trace_id()); }
  void move_to(const TraceId& trace, std::uint8_t flags) override {
    move_message(record_, *record_.mutable_attributes(), trace);
    record_.set_flags(record_.flags() | (flags & kTraceFlagSampled));
  }

 private:
  LogRecord& record_;
};

class ProtobufExemplar final : public TraceRecord {
 public:
  explicit ProtobufExemplar(Exemplar& exemplar) : exemplar_(exemplar) {}
  TraceId trace() const override { return id_from<TraceId>(exemplar_.trace_id()); }
  void move_to(const TraceId& trace, std::uint8_t) override { move_message(exemplar_, *exemplar_.mutable_filtered_attributes(), trace); }

 private:
  Exemplar& exemplar_;
};

class TracesRequest final : public Telemetry {
 public:
  Traces message;

  std::uint64_t records() const override {
    std::uint64_t sum = 0;
    for (const ResourceSpans& resource : message.resource_spans())
      for (const ScopeSpans& scope : resource.scope_spans()) sum += static_cast<std::uint64_t>(scope.spans_size());
    return sum;
  }
  void for_each(const std::function<void(TraceRecord&)>& see) override { for_each_span(see); }
  void for_each_span(const std::function<void(SpanRecord&)>& see) override {
    for (ResourceSpans& resource : *message.mutable_resource_spans())
      for (ScopeSpans& scope : *resource.mutable_scope_spans())
        for (Span& span : *scope.mutable_spans()) {
          ProtobufSpan record(span);
          see(record);
        }
  }
  std::string encode() const override { return message.SerializeAsString(); }
};

class LogsRequest final : public Telemetry {
 public:
  Logs message;

  std::uint64_t records() const override {
    std::uint64_t sum = 0;
    for (const ResourceLogs& resource : message.resource_logs())
      for (const ScopeLogs& scope : resource.scope_logs()) sum += static_cast<std::uint64_t>(scope.log_records_size());
    return sum;
  }
  void for_each(const std::function<void(TraceRecord&)>& see) override {
    for (ResourceLogs& resource : *message.mutable_resource_logs())
      for (ScopeLogs& scope : *resource.mutable_scope_logs())
        for (LogRecord& log : *scope.mutable_log_records()) {
          ProtobufLog record(log);
          see(record);
        }
  }
  void for_each_span(const std::function<void(SpanRecord&)>&) override {}
  std::string encode() const override { return message.SerializeAsString(); }
};

class MetricsRequest final : public Telemetry {
 public:
  Metrics message;

  std::uint64_t records() const override {
    int sum = 0;
    for (const ResourceMetrics& resource : message.resource_metrics())
      for (const ScopeMetrics& scope : resource.scope_metrics())
        for (const Metric& metric : scope.metrics())
          sum += metric.gauge().data_points_size() + metric.sum().data_points_size() + metric.histogram().data_points_size() +
                 metric.exponential_histogram().data_points_size() + metric.summary().data_points_size();
    return static_cast<std::uint64_t>(sum);
  }
  void for_each(const std::function<void(TraceRecord&)>& see) override {
    const auto points = [&see](auto& holder) {
      for (auto& point : *holder.mutable_data_points())
        for (Exemplar& exemplar : *point.mutable_exemplars()) {
          ProtobufExemplar record(exemplar);
          see(record);
        }
    };
    for (ResourceMetrics& resource : *message.mutable_resource_metrics())
      for (ScopeMetrics& scope : *resource.mutable_scope_metrics())
        for (Metric& metric : *scope.mutable_metrics()) {
          // mutable_x() would make what is not there.
          if (metric.has_gauge()) points(*metric.mutable_gauge());
          if (metric.has_sum()) points(*metric.mutable_sum());
          if (metric.has_histogram()) points(*metric.mutable_histogram());
          if (metric.has_exponential_histogram()) points(*metric.mutable_exponential_histogram());
        }
  }
  void for_each_span(const std::function<void(SpanRecord&)>&) override {}
  std::string encode() const override { return message.SerializeAsString(); }
};

template <typename Request>
std::unique_ptr<Telemetry> parsed(std::string_view body) {
  auto request = std::make_unique<Request>();
  if (body.size() > std::numeric_limits<int>::max() || !request->message.ParseFromArray(body.data(), static_cast<int>(body.size()))) return nullptr;
  return request;
}

}  // namespace

std::unique_ptr<Telemetry> decode_protobuf(Signal signal, std::string_view body) {
  switch (signal) {
    case Signal::Logs:
      return parsed<LogsRequest>(body);
    case Signal::Metrics:
      return parsed<MetricsRequest>(body);
    case Signal::Traces:
      break;
  }
  return parsed<TracesRequest>(body);
}

}  // namespace suture

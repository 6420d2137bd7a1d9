// Telemetry in OTLP's JSON form (opentelemetry-proto 1.11, "JSON Protobuf Encoding"): ids in hex, integers of 64 bits in quotes.

#include <algorithm>
#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

#include "gateway/telemetry.h"
#include "trace/formats/hex.h"

namespace suture {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDeepest = 100;  // as protobuf has it

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

const Json* member(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found == object.end() ? nullptr : &*found;
}

std::string text_of(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value && value->is_string() ? value->get<std::string>() : std::string();
}

std::int64_t integer(const Json* value) {
  if (value == nullptr) return 0;
  if (value->is_number_integer()) return value->get<std::int64_t>();
  if (!value->is_string()) return 0;
  const std::string& digits = value->get_ref<const std::string&>();
  std::int64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

TraceId trace_of(const Json& object) {
  TraceId id;
  if (const std::string text = lower(text_of(object, "traceId")); text.size() != 32 || !read_hex(text, id.bytes)) return {};
  return id;
}

SpanId span_of(const Json& object, const char* name) {
  SpanId id;
  if (const std::string text = lower(text_of(object, name)); text.size() != 16 || !read_hex(text, id.bytes)) return {};
  return id;
}

void add_text(Json& object, const char* attributes, std::string_view key, const std::string& text) {
  Json& list = object[attributes];
  if (!list.is_array()) list = Json::array();
  list.push_back({{"key", key}, {"value", {{"stringValue", text}}}});
}

void set_flags(Json& object, std::uint32_t more) { object["flags"] = static_cast<std::uint32_t>(integer(member(object, "flags"))) | more; }

void move_object(Json& object, const char* attributes, const TraceId& trace) {
  add_text(object, attributes, kOriginalTraceId, to_hex(trace_of(object)));
  object["traceId"] = to_hex(trace);
}

class JsonSpan final : public SpanRecord {
 public:
  explicit JsonSpan(Json& span) : span_(span) {}

  TraceId trace() const override { return trace_of(span_); }
  void move_to(const TraceId& trace, std::uint8_t flags) override {
    move_object(span_, "attributes", trace);
    set_flags(span_, flags & kTraceFlagSampled);
  }
  ReportedSpan facts() const override {
    ReportedSpan facts;
    facts.trace = trace();
    facts.span = span_of(span_, "spanId");
    facts.parent = span_of(span_, "parentSpanId");
    facts.server = integer(member(span_, "kind")) == kKindServer;
    facts.start_unix_ns = integer(member(span_, "startTimeUnixNano"));
    facts.end_unix_ns = integer(member(span_, "endTimeUnixNano"));
    const Json* attributes = member(span_, "attributes");
    if (attributes == nullptr || !attributes->is_array()) return facts;
    for (const Json& pair : *attributes) {
      const Json* value = member(pair, "value");
      if (value == nullptr) continue;
      const std::string key = text_of(pair, "key");
      if (member(*value, "stringValue")) take_request_attribute(facts, key, text_of(*value, "stringValue"));
      else if (const Json* number = member(*value, "intValue")) take_request_attribute(facts, key, integer(number));
    }
    return facts;
  }
  void hang_under(const SpanId& parent) override {
    const SpanId old = span_of(span_, "parentSpanId");
    if (old.valid()) add_text(span_, "attributes", kOriginalParentId, to_hex(old));
    span_["parentSpanId"] = to_hex(parent);
    set_flags(span_, kRemoteParent);
  }
  void add_link(const TraceId& trace, const SpanId& span, std::uint8_t flags) override {
    Json link = {{"traceId", to_hex(trace)}, {"spanId", to_hex(span)}, {"flags", flags | kRemoteParent}};
    add_text(link, "attributes", kLinkMethod, std::string(kJoined));
    Json& links = span_["links"];
    if (!links.is_array()) links = Json::array();
    links.push_back(std::move(link));
  }
  void move_links(const std::function<TraceId(const TraceId&)>& moved) override {
    const auto links = span_.find("links");
    if (links == span_.end() || !links->is_array()) return;
    for (Json& link : *links) {
      const TraceId old = trace_of(link);
      if (const TraceId now = moved(old); now != old) move_object(link, "attributes", now);
    }
  }

 private:
  Json& span_;
};

class JsonRecord final : public TraceRecord {
 public:
  /// `has_flags`: a log record, not an exemplar.
  JsonRecord(Json& record, const char* attributes, bool has_flags) : record_(record), attributes_(attributes), has_flags_(has_flags) {}
  TraceId trace() const override { return trace_of(record_); }
  void move_to(const TraceId& trace, std::uint8_t flags) override {
    move_object(record_, attributes_, trace);
    if (has_flags_) set_flags(record_, flags & kTraceFlagSampled);
  }

 private:
  Json& record_;
  const char* const attributes_;
  const bool has_flags_;
};

/// The lists that lead from a request to its records.
struct Levels {
  const char *resources, *scopes, *records;
};
constexpr std::array<Levels, kSignals> kLevels = {{{"resourceSpans", "scopeSpans", "spans"},
                                                  {"resourceLogs", "scopeLogs", "logRecords"},
                                                  {"resourceMetrics", "scopeMetrics", "metrics"}}};
constexpr const char* kPointKinds[] = {"gauge", "sum", "histogram", "exponentialHistogram", "summary"};

template <typename Object, typename See>
void each_of(Object& object, const char* list, const See& see) {
  if (!object.is_object()) return;
  const auto found = object.find(list);
  if (found == object.end() || !found->is_array()) return;
  for (auto& item : *found)
    if (item.is_object()) see(item);
}

class JsonRequest final : public Telemetry {
 public:
  JsonRequest(Signal signal, Json&& root) : signal_(signal), root_(std::move(root)) {}

  std::uint64_t records() const override {
    std::uint64_t sum = 0;
    items(root_, [&](const Json& item) {
      if (signal_ != Signal::Metrics) ++sum;
      else points(item, [&sum](const Json&) { ++sum; });
    });
    return sum;
  }
  void for_each(const std::function<void(TraceRecord&)>& see) override {
    if (signal_ == Signal::Traces) return for_each_span(see);
    items(root_, [&](Json& item) {
      if (signal_ == Signal::Logs) {
        JsonRecord record(item, "attributes", true);
        return see(record);
      }
      points(item, [&](Json& point) {
        each_of(point, "exemplars", [&](Json& exemplar) {
          JsonRecord record(exemplar, "filteredAttributes", false);
          see(record);
        });
      });
    });
  }
  void for_each_span(const std::function<void(SpanRecord&)>& see) override {
    if (signal_ != Signal::Traces) return;
    items(root_, [&](Json& item) {
      JsonSpan span(item);
      see(span);
    });
  }
  std::string encode() const override { return root_.dump(-1, ' ', false, Json::error_handler_t::replace); }

 private:
  template <typename Object, typename See>
  void items(Object& root, const See& see) const {
    const Levels& levels = kLevels[static_cast<std::size_t>(signal_)];
    each_of(root, levels.resources, [&](auto& resource) {
      each_of(resource, levels.scopes, [&](auto& scope) { each_of(scope, levels.records, see); });
    });
  }
  template <typename Object, typename See>
  static void points(Object& metric, const See& see) {
    for (const char* kind : kPointKinds)
      if (const auto found = metric.find(kind); found != metric.end()) each_of(*found, "dataPoints", see);
  }

  const Signal signal_;
  Json root_;
};

}  // namespace

std::unique_ptr<Telemetry> decode_json(Signal signal, std::string_view body) {
  bool too_deep = false;
  const auto keep = [&too_deep](int depth, Json::parse_event_t, Json&) {
    too_deep |= depth > kDeepest;
    return depth <= kDeepest;
  };
  Json root = Json::parse(body, keep, /*allow_exceptions=*/false);
  if (!root.is_object() || too_deep) return nullptr;
  return std::make_unique<JsonRequest>(signal, std::move(root));
}

}  // namespace suture

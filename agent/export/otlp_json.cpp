#include "export/otlp_json.h"

#include "export/otlp_common.h"

namespace suture {
namespace {

void write(JsonWriter& json, std::string_view key, std::string_view text) {
  json.begin_object();
  json.key("key");
  json.text(key);
  json.key("value");
  json.begin_object();
  json.key("stringValue");
  json.text(text);
  json.end_object();
  json.end_object();
}

void write(JsonWriter& json, std::string_view key, std::int64_t integer) {
  json.begin_object();
  json.key("key");
  json.text(key);
  json.key("value");
  json.begin_object();
  json.key("intValue");
  json.quoted_integer(integer);
  json.end_object();
  json.end_object();
}

void write(JsonWriter& json, const AttributeList& attributes) {
  json.begin_array();
  for (const AttributeList::Entry& entry : attributes) {
    json.begin_object();
    json.key("key");
    json.text(name_of(entry.key));
    json.key("value");
    json.begin_object();
    switch (entry.type) {
      case AttributeList::Entry::Type::Text:
        json.key("stringValue");
        json.text(attributes.text(entry));
        break;
      case AttributeList::Entry::Type::Integer:
        json.key("intValue");
        json.quoted_integer(entry.value.integer);
        break;
      case AttributeList::Entry::Type::Double:
        json.key("doubleValue");
        json.number(entry.value.number);
        break;
      case AttributeList::Entry::Type::Boolean:
        json.key("boolValue");
        json.boolean(entry.value.integer != 0);
        break;
    }
    json.end_object();
    json.end_object();
  }
  json.end_array();
}

void write(JsonWriter& json, const SpanLink& link) {
  json.begin_object();
  json.key("traceId");
  json.text(to_hex(link.trace_id));
  json.key("spanId");
  json.text(to_hex(link.span_id));
  if (!link.trace_state.empty()) {
    json.key("traceState");
    json.text(link.trace_state);
  }
  json.key("flags");
  json.integer(link.flags);
  if (!link.method.empty()) {
    json.key("attributes");
    json.begin_array();
    write(json, name_of(AttributeKey::SutureLinkMethod), link.method);
    json.end_array();
  }
  json.end_object();
}

void write(JsonWriter& json, const Span& span) {
  json.begin_object();
  json.key("traceId");
  json.text(to_hex(span.trace_id));
  json.key("spanId");
  json.text(to_hex(span.span_id));
  if (!span.trace_state.empty()) {
    json.key("traceState");
    json.text(span.trace_state);
  }
  if (span.parent_id.valid()) {
    json.key("parentSpanId");
    json.text(to_hex(span.parent_id));
  }
  json.key("flags");
  json.integer(otlp_flags(span));
  json.key("name");
  json.text(span.name);
  json.key("kind");
  json.integer(static_cast<int>(span.kind));
  json.key("startTimeUnixNano");
  json.quoted_integer(span.start_unix_ns);
  json.key("endTimeUnixNano");
  json.quoted_integer(span.end_unix_ns);
  json.key("attributes");
  write(json, span.attributes);
  if (span.attributes.dropped() != 0) {
    json.key("droppedAttributesCount");
    json.integer(span.attributes.dropped());
  }
  if (!span.links.empty()) {
    json.key("links");
    json.begin_array();
    for (const SpanLink& link : span.links) write(json, link);
    json.end_array();
  }
  if (span.status != SpanStatus::Unset) {
    json.key("status");
    json.begin_object();
    json.key("code");
    json.integer(static_cast<int>(span.status));
    json.end_object();
  }
  json.end_object();
}

void write(JsonWriter& json, const Batch::Group& group) {
  json.begin_object();
  json.key("resource");
  write_otlp_json(json, group.resource);
  json.key("scopeSpans");
  json.begin_array();
  json.begin_object();
  json.key("scope");
  write_otlp_json_scope(json);
  json.key("spans");
  json.begin_array();
  for (const Span& span : group.spans) write(json, span);
  json.end_array();
  json.key("schemaUrl");
  json.text(kSchemaUrl);
  json.end_object();
  json.end_array();
  json.key("schemaUrl");
  json.text(kSchemaUrl);
  json.end_object();
}

}  // namespace

void write_otlp_json(JsonWriter& json, const Resource& resource) {
  json.begin_object();
  json.key("attributes");
  json.begin_array();
  for (const Resource::Attribute& attribute : resource.attributes)
    std::visit([&](const auto& value) { write(json, attribute.key, value); }, attribute.value);
  if (!names_its_sdk(resource))
    for (const SdkAttribute& attribute : kSdkAttributes) write(json, attribute.key, attribute.value);
  json.end_array();
  json.end_object();
}

void write_otlp_json_scope(JsonWriter& json) {
  json.begin_object();
  json.key("name");
  json.text(kScopeName);
  json.key("version");
  json.text(kScopeVersion);
  json.end_object();
}

void append_otlp_json(std::string& out, const Batch& batch) {
  JsonWriter json(out);
  json.begin_object();
  json.key("resourceSpans");
  json.begin_array();
  for (const Batch::Group& group : batch.groups)
    if (!group.spans.empty()) write(json, group);
  json.end_array();
  json.end_object();
}

}  // namespace suture

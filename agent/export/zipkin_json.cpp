#include "export/zipkin_json.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json_writer.h"
#include "export/otlp_common.h"

namespace suture {
namespace {

void field(JsonWriter& json, std::string_view key, std::string_view text) {
  json.key(key);
  json.text(text);
}

void field(JsonWriter& json, std::string_view key, std::int64_t integer) {
  json.key(key);
  json.quoted_integer(integer);
}

void field(JsonWriter& json, std::string_view key, double number) {
  std::array<char, 32> digits;  // the longest shortest double has 24 characters
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  field(json, key, std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

/// Tags are texts, whatever the attribute's type.
void write_tags(JsonWriter& json, const AttributeList& attributes) {
  for (const AttributeList::Entry& entry : attributes) {
    const std::string_view key = name_of(entry.key);
    switch (entry.type) {
      case AttributeList::Entry::Type::Text:
        field(json, key, attributes.text(entry));
        break;
      case AttributeList::Entry::Type::Integer:
        field(json, key, entry.value.integer);
        break;
      case AttributeList::Entry::Type::Double:
        field(json, key, entry.value.number);
        break;
      case AttributeList::Entry::Type::Boolean:
        field(json, key, std::string_view(entry.value.integer != 0 ? "true" : "false"));
        break;
    }
  }
}

void write_tags(JsonWriter& json, const Resource& resource) {
  for (const Resource::Attribute& attribute : resource.attributes)
    if (attribute.key != "service.name")  // the local endpoint's
      std::visit([&](const auto& value) { field(json, attribute.key, value); }, attribute.value);
  if (!names_its_sdk(resource))
    for (const SdkAttribute& attribute : kSdkAttributes) field(json, attribute.key, attribute.value);
}

void write_tags(JsonWriter& json, const Span& span, const Resource& resource) {
  json.key("tags");
  json.begin_object();
  write_tags(json, span.attributes);
  write_tags(json, resource);
  field(json, "otel.scope.name", kScopeName);
  field(json, "otel.scope.version", kScopeVersion);
  if (span.attributes.dropped() != 0) field(json, "otel.dropped_attributes_count", std::int64_t{span.attributes.dropped()});
  if (span.status == SpanStatus::Error) {
    field(json, "otel.status_code", "ERROR");
    field(json, "error", "");  // the status's description, which spans of ours do not have
  }
  json.end_object();
}

bool is_address(int family, std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address;
  return ::inet_pton(family, std::string(text).c_str(), address.data()) == 1;
}

/// Whom a client asked. Of the attributes that the mapping ranks, spans of ours have server.address and, after it,
/// network.peer.address with its port; Zipkin has a field for each of them.
void write_remote_endpoint(JsonWriter& json, const AttributeList& attributes) {
  const auto* name = attributes.find(AttributeKey::ServerAddress);
  const auto* peer = attributes.find(AttributeKey::NetworkPeerAddress);
  const auto* port = attributes.find(AttributeKey::NetworkPeerPort);
  const bool v4 = peer && is_address(AF_INET, attributes.text(*peer));
  const bool v6 = peer && is_address(AF_INET6, attributes.text(*peer));
  if (!name && !v4 && !v6) return;
  json.key("remoteEndpoint");
  json.begin_object();
  if (name) field(json, "serviceName", attributes.text(*name));
  if (v4 || v6) field(json, v4 ? "ipv4" : "ipv6", attributes.text(*peer));
  if (port) {
    json.key("port");
    json.integer(port->value.integer);
  }
  json.end_object();
}

void write(JsonWriter& json, const Span& span, const Resource& resource) {
  constexpr std::int64_t kNsPerUs = 1'000;
  json.begin_object();
  field(json, "traceId", to_hex(span.trace_id));
  field(json, "id", to_hex(span.span_id));
  if (span.parent_id.valid()) field(json, "parentId", to_hex(span.parent_id));
  if (span.kind != SpanKind::Internal) field(json, "kind", span.kind == SpanKind::Client ? "CLIENT" : "SERVER");
  field(json, "name", span.name);
  json.key("timestamp");
  json.integer(span.start_unix_ns / kNsPerUs);
  json.key("duration");  // 0 would be none: Zipkin's API asks for at least 1
  json.integer(std::max<std::int64_t>(1, (span.end_unix_ns - span.start_unix_ns) / kNsPerUs));
  json.key("localEndpoint");
  json.begin_object();
  field(json, "serviceName", resource.service_name());
  json.end_object();
  if (span.kind == SpanKind::Client) write_remote_endpoint(json, span.attributes);
  write_tags(json, span, resource);
  json.end_object();
}

}  // namespace

void append_zipkin_json(std::string& out, const Batch& batch) {
  JsonWriter json(out);
  json.begin_array();
  for (const Batch::Group& group : batch.groups)
    for (const Span& span : group.spans) write(json, span, group.resource);
  json.end_array();
}

}  // namespace suture

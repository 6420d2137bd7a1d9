#include "export/otlp/encoder.h"

#include <cstdint>

#include "export/otlp/resource_message.h"
#include "export/otlp_common.h"
#include "base/utf8.h"

namespace suture {
namespace {

/// Tag and length of the length-delimited field `number` whose value of `size` bytes follows.
void append_field_head(std::string& out, int number, std::size_t size) {
  constexpr unsigned kLengthDelimited = 2;
  out.push_back(static_cast<char>(static_cast<unsigned>(number) << 3 | kLengthDelimited));  // numbers here are below 16
  for (; size >= 0x80; size >>= 7) out.push_back(static_cast<char>(size | 0x80));
  out.push_back(static_cast<char>(size));
}

template <std::size_t N>
std::string_view view(const std::array<std::uint8_t, N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

void append_field(std::string& out, int number, const google::protobuf::MessageLite& message) {
  const std::size_t size = message.ByteSizeLong();
  append_field_head(out, number, size);
  const std::size_t at = out.size();
  out.resize(at + size);
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(out.data() + at));
}

std::string scope_spans_head() {
  otlp::v1::ScopeSpans head;
  head.set_schema_url(std::string(kSchemaUrl));
  head.mutable_scope()->set_name(std::string(kScopeName));
  head.mutable_scope()->set_version(std::string(kScopeVersion));
  return head.SerializeAsString();
}

}  // namespace

void clear_keeping(std::string& buffer) {
  constexpr std::size_t kKeptBytes = 4 * 1024 * 1024;  // a batch of 2 048 spans takes 1 MiB
  buffer.clear();
  if (buffer.capacity() > kKeptBytes) buffer.shrink_to_fit();
}

OtlpEncoder::OtlpEncoder() : scope_head_(scope_spans_head()) {}

std::string_view OtlpEncoder::encode(const Batch& batch) {
  clear_keeping(request_);
  for (const Batch::Group& group : batch.groups)
    if (!group.spans.empty() && !append(group)) return {};
  return request_;
}

/// Returns false if the request becomes too large.
bool OtlpEncoder::append(const Batch::Group& group) {
  clear_keeping(spans_);
  for (const Span& span : group.spans) {
    span_.Clear();
    fill(span, span_);
    append_field(spans_, otlp::v1::ScopeSpans::kSpansFieldNumber, span_);
    if (request_.size() + spans_.size() > kMaxRequestBytes) return false;
  }
  std::string head = resource_spans_head(group.resource);
  append_field_head(head, otlp::v1::ResourceSpans::kScopeSpansFieldNumber, scope_head_.size() + spans_.size());
  head += scope_head_;
  append_field_head(request_, otlp::v1::ExportTraceServiceRequest::kResourceSpansFieldNumber,
                    head.size() + spans_.size());
  request_ += head;
  request_ += spans_;
  return request_.size() <= kMaxRequestBytes;
}

/// ResourceSpans without what it holds of spans.
std::string OtlpEncoder::resource_spans_head(const Resource& resource) {
  otlp::v1::ResourceSpans head;
  head.set_schema_url(std::string(kSchemaUrl));
  fill_resource(resource, *head.mutable_resource());
  return head.SerializeAsString();
}

// Texts are set by mutable_x()->assign(): protobuf's set_x(data, size) would make a string for each first.
void OtlpEncoder::fill(const Span& span, otlp::v1::Span& out) {
  out.mutable_trace_id()->assign(view(span.trace_id.bytes));
  out.mutable_span_id()->assign(view(span.span_id.bytes));
  if (span.parent_id.valid()) out.mutable_parent_span_id()->assign(view(span.parent_id.bytes));
  const std::string_view state = utf8(span.trace_state);
  out.mutable_trace_state()->assign(state);
  const std::string_view name = utf8(span.name);
  out.mutable_name()->assign(name);
  out.set_kind(static_cast<otlp::v1::Span::Kind>(span.kind));
  out.set_start_time_unix_nano(static_cast<std::uint64_t>(span.start_unix_ns));
  out.set_end_time_unix_nano(static_cast<std::uint64_t>(span.end_unix_ns));
  out.set_flags(otlp_flags(span));
  if (span.status != SpanStatus::Unset)
    out.mutable_status()->set_code(static_cast<otlp::v1::Status::Code>(span.status));
  fill(span.attributes, out);
  for (const SpanLink& link : span.links) {
    otlp::v1::Link& message = *out.add_links();
    message.mutable_trace_id()->assign(view(link.trace_id.bytes));
    message.mutable_span_id()->assign(view(link.span_id.bytes));
    const std::string_view link_state = utf8(link.trace_state);
    message.mutable_trace_state()->assign(link_state);
    message.set_flags(link.flags);
    if (link.method.empty()) continue;
    otlp::v1::KeyValue& method = *message.add_attributes();
    const std::string_view key = name_of(AttributeKey::SutureLinkMethod);
    method.mutable_key()->assign(key);
    method.mutable_value()->mutable_string_value()->assign(link.method);
  }
}

void OtlpEncoder::fill(const AttributeList& attributes, otlp::v1::Span& out) {
  for (const AttributeList::Entry& entry : attributes) {
    otlp::v1::KeyValue& pair = *out.add_attributes();
    const std::string_view key = name_of(entry.key);
    pair.mutable_key()->assign(key);
    otlp::v1::AnyValue& value = *pair.mutable_value();
    switch (entry.type) {
      case AttributeList::Entry::Type::Text: {
        const std::string_view text = utf8(attributes.text(entry));
        value.mutable_string_value()->assign(text);
        break;
      }
      case AttributeList::Entry::Type::Integer:
        value.set_int_value(entry.value.integer);
        break;
      case AttributeList::Entry::Type::Double:
        value.set_double_value(entry.value.number);
        break;
      case AttributeList::Entry::Type::Boolean:
        value.set_bool_value(entry.value.integer != 0);
        break;
    }
  }
  out.set_dropped_attributes_count(attributes.dropped());
}

std::string_view OtlpEncoder::utf8(std::string_view text) { return as_utf8(text, scratch_); }

}  // namespace suture

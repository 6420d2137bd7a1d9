#include "sampling/packed_span.h"

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace suture {
namespace {

using Type = AttributeList::Entry::Type;

template <typename T>
void put(const T& value, std::string& out) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}
void put_text(std::string_view text, std::string& out) {
  put(static_cast<std::uint32_t>(text.size()), out);
  out.append(text);
}

template <typename T>
void take(std::string_view& in, T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  std::memcpy(&value, in.data(), sizeof value);
  in.remove_prefix(sizeof value);
}
template <typename T>
T take(std::string_view& in) {
  T value{};
  take(in, value);
  return value;
}
std::string_view take_text(std::string_view& in) {
  const auto size = take<std::uint32_t>(in);
  const std::string_view text = in.substr(0, size);
  in.remove_prefix(size);
  return text;
}

void put_attributes(const AttributeList& attributes, std::string& out) {
  put(static_cast<std::uint8_t>(attributes.size()), out);
  for (const AttributeList::Entry& entry : attributes) {
    put(entry.key, out);
    put(entry.type, out);
    if (entry.type == Type::Text) put_text(attributes.text(entry), out);
    else put(entry.value.integer, out);
  }
}

void take_attribute(std::string_view& in, AttributeList& attributes) {
  const auto key = take<AttributeKey>(in);
  const auto type = take<Type>(in);
  if (type == Type::Text) return attributes.add(key, take_text(in));
  AttributeList::Entry entry;
  take(in, entry.value.integer);
  if (type == Type::Integer) attributes.add(key, entry.value.integer);
  else if (type == Type::Double) attributes.add(key, entry.value.number);
  else attributes.add(key, entry.value.integer != 0);
}

void put_links(const std::vector<SpanLink>& links, std::string& out) {
  put(static_cast<std::uint32_t>(links.size()), out);
  for (const SpanLink& link : links) {
    put(link.trace_id, out);
    put(link.span_id, out);
    put(link.flags, out);
    put(link.method, out);
    put_text(link.trace_state, out);
  }
}

void take_links(std::string_view& in, std::vector<SpanLink>& links) {
  links.resize(take<std::uint32_t>(in));
  for (SpanLink& link : links) {
    take(in, link.trace_id);
    take(in, link.span_id);
    take(in, link.flags);
    take(in, link.method);
    link.trace_state = take_text(in);
  }
}

}  // namespace

void pack(const Span& span, std::string& out) {
  put(span.span_id, out);
  put(span.parent_id, out);
  put(span.trace_flags, out);
  put(span.parent_is_remote, out);
  put(span.begun_elsewhere, out);
  put(span.kind, out);
  put(span.status, out);
  put(span.start_unix_ns, out);
  put(span.end_unix_ns, out);
  put(span.process, out);
  put_text(span.name, out);
  put_text(span.trace_state, out);
  put_attributes(span.attributes, out);
  put_links(span.links, out);
}

Span unpack(std::string_view& packed, const TraceId& trace) {
  Span span;
  span.trace_id = trace;
  take(packed, span.span_id);
  take(packed, span.parent_id);
  take(packed, span.trace_flags);
  take(packed, span.parent_is_remote);
  take(packed, span.begun_elsewhere);
  take(packed, span.kind);
  take(packed, span.status);
  take(packed, span.start_unix_ns);
  take(packed, span.end_unix_ns);
  take(packed, span.process);
  span.name = take_text(packed);
  span.trace_state = take_text(packed);
  for (auto left = take<std::uint8_t>(packed); left > 0; --left) take_attribute(packed, span.attributes);
  take_links(packed, span.links);
  return span;
}

}  // namespace suture

#pragma once
// Requests of SDKs, by hand: the two encodings of the same spans, log records and exemplars.

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "gateway/telemetry.h"
#include "trace/formats/hex.h"

namespace suture::test {

// Protobuf by field numbers (docs of OTLP 1.11), so that the tests do not believe what the code under test believes.

inline std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
  return out;
}
inline std::string field(unsigned number, std::string_view bytes) { return varint(number << 3 | 2) + varint(bytes.size()) + std::string(bytes); }
inline std::string number_field(unsigned number, std::uint64_t value) { return varint(number << 3) + varint(value); }
inline std::string fixed64_field(unsigned number, std::uint64_t value) {
  std::string out = varint(number << 3 | 1);
  for (int i = 0; i < 8; ++i) out.push_back(static_cast<char>(value >> 8 * i));
  return out;
}

inline TraceId trace(char digit) {
  TraceId id;
  EXPECT_TRUE(read_trace_id(std::string(32, digit), id));
  return id;
}
inline SpanId span(char digit) {
  SpanId id;
  EXPECT_TRUE(read_span_id(std::string(16, digit), id));
  return id;
}
template <typename Id>
std::string raw(const Id& id) {
  return {id.bytes.begin(), id.bytes.end()};
}

inline std::string text_attribute(std::string_view key, std::string_view text) { return field(1, key) + field(2, field(1, text)); }
inline std::string number_attribute(std::string_view key, std::uint64_t value) { return field(1, key) + field(2, number_field(3, value)); }

/// A server span of GET /a from port 4711; `parent`: "" for a root.
inline std::string server_span(char trace_digit, char span_digit, std::string_view parent = "") {
  std::string out = field(1, raw(trace(trace_digit))) + field(2, raw(span(span_digit)));
  if (!parent.empty()) out += field(4, parent);
  return out + field(5, "GET /a") + number_field(6, 2) + fixed64_field(7, 1000) + fixed64_field(8, 2000) +
         field(9, text_attribute("http.request.method", "GET")) + field(9, text_attribute("url.path", "/a")) +
         field(9, number_attribute("http.response.status_code", 200)) + field(9, number_attribute("network.peer.port", 4711));
}
/// A span of kind INTERNAL below another.
inline std::string inner_span(char trace_digit, char span_digit, char parent_digit) {
  return field(1, raw(trace(trace_digit))) + field(2, raw(span(span_digit))) + field(4, raw(span(parent_digit))) + number_field(6, 1);
}
/// resource { service.name } and scope around records: the same numbers for spans and logs.
inline std::string request(std::initializer_list<std::string> records) {
  std::string scope = field(1, field(1, "scope"));
  for (const std::string& record : records) scope += field(2, record);
  return field(1, field(1, field(1, text_attribute("service.name", "shop"))) + field(2, scope));
}
inline std::string log_record(char trace_digit) { return fixed64_field(1, 7) + field(5, field(1, "text")) + field(9, raw(trace(trace_digit))) + field(10, raw(span('5'))); }
/// A sum with one point, and that with one exemplar.
inline std::string metric(char trace_digit) {
  const std::string exemplar = fixed64_field(2, 7) + field(4, raw(span('5'))) + field(5, raw(trace(trace_digit)));
  return field(1, "requests") + field(7, field(1, fixed64_field(3, 9) + field(5, exemplar)) + number_field(2, 2));
}

}  // namespace suture::test

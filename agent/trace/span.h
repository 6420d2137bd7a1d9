#pragma once
// Span: one finished operation of one process, as OpenTelemetry defines it (specification v1.60, trace/api.md).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "trace/attributes.h"

namespace suture {

enum class SpanKind : std::uint8_t { Internal = 1, Server = 2, Client = 3 };  // OTLP numbers
enum class SpanStatus : std::uint8_t { Unset = 0, Error = 2 };                // OTLP numbers; Ok is never set

struct SpanLink {
  TraceId trace_id;
  SpanId span_id;
  std::string trace_state;
  std::uint8_t flags = 0;
  std::string_view method = {};  // suture.link.method, a literal; "": none
};

struct Span {
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_id;                // all zero: a root
  std::uint8_t trace_flags = 0;    // W3C: bit 0 sampled, bit 1 random trace id
  bool parent_is_remote = false;   // the parent's id came off the wire and was not seen by this agent
  bool begun_elsewhere = false;    // so did the trace: others may hold spans of it, and have decided whether it is sampled
  SpanKind kind = SpanKind::Internal;
  SpanStatus status = SpanStatus::Unset;
  std::int64_t start_unix_ns = 0;
  std::int64_t end_unix_ns = 0;
  ProcessKey process;              // whose resource the span carries
  std::string name;
  std::string trace_state;
  AttributeList attributes;
  std::vector<SpanLink> links;
  std::optional<std::uint64_t> request_body_bytes, response_body_bytes;  // of HTTP, for metrics; nothing: not known

  /// Bytes this span holds, heap included: what queues are bounded by.
  std::size_t weight_bytes() const {
    return sizeof(Span) + name.capacity() + trace_state.capacity() + attributes.heap_bytes() +
           links.capacity() * sizeof(SpanLink);
  }
};

inline double seconds_of(const Span& span) { return static_cast<double>(span.end_unix_ns - span.start_unix_ns) / 1e9; }

}  // namespace suture

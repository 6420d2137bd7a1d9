#pragma once
// TraceContext: what `traceparent` and `tracestate` say, read by the rules of W3C Trace Context level 2
// (www.w3.org/TR/trace-context-2). Section numbers in trace_context.cpp are those of that document.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace suture {

inline constexpr std::uint8_t kTraceFlagSampled = 0x01;
inline constexpr std::uint8_t kTraceFlagRandom = 0x02;  // the right-most 7 bytes of the trace id are random

/// Longest tracestate kept: what section 3.3.1.5 asks everyone to pass on. A longer list loses whole members.
inline constexpr std::size_t kTraceStateLimitBytes = 512;

/// The trace that a request belongs to, and the span that sent it.
struct TraceContext {
  TraceId trace_id;
  SpanId parent;            // all zero only in a context that we started ourselves: the span is a root
  std::uint8_t flags = 0;   // kTraceFlagSampled, kTraceFlagRandom; no other bit
  std::string trace_state;  // combined, valid, at most kTraceStateLimitBytes; "" if there was none or it was malformed
};

/// What a request says of its trace, and how it came to say so.
struct CarriedContext {
  std::optional<TraceContext> context;  // nothing: the request starts a trace
  std::vector<TraceContext> others;     // valid as well, and of other traces: no two of one
  std::string_view method = "header";   // value of suture.link.method, a literal
};

/// Reads the values of the two headers. `traceparent` is the first of `traceparent_count` field values; `tracestates`
/// are all values of tracestate in the order of the message. White space around values is allowed.
/// Nothing if there is no traceparent or it is invalid: a new trace begins then, and tracestate is void. A malformed
/// tracestate never makes traceparent invalid.
std::optional<TraceContext> parse_trace_context(std::size_t traceparent_count, std::string_view traceparent,
                                                std::span<const std::string_view> tracestates);

/// Some formats tell the low half of a trace id alone: it names the same trace as the whole of it.
bool same_trace(const TraceId& a, const TraceId& b);

/// The header value of version 00, 55 characters.
std::string serialize_traceparent(const TraceId& trace_id, const SpanId& parent, std::uint8_t flags);

}  // namespace suture

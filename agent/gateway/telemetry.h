#pragma once
// Telemetry: one export request of an SDK, decoded as far as mending needs it: spans, log records and exemplars can be asked for
// their trace and moved to another. Everything else stays what it was, known or not. In protobuf or in JSON, as it came.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "trace/reported_span.h"
#include "trace/trace_context.h"

namespace suture {

enum class Signal : std::uint8_t { Traces, Logs, Metrics };
inline constexpr std::size_t kSignals = 3;
enum class Encoding : std::uint8_t { Protobuf, Json };

/// A record that names a trace: valid during the call that it is given to.
class TraceRecord {
 public:
  virtual ~TraceRecord() = default;
  virtual TraceId trace() const = 0;  // all zero: it is of none
  /// It belongs to `trace` from now on, and keeps the old id as the attribute suture.original.trace_id. `flags`, of the other
  /// trace: it is sampled if either was.
  virtual void move_to(const TraceId& trace, std::uint8_t flags) = 0;
};

class SpanRecord : public TraceRecord {
 public:
  /// Without `upload_port`.
  virtual ReportedSpan facts() const = 0;
  /// Its parent is a span of another process.
  virtual void hang_under(const SpanId& parent) = 0;
  virtual void add_link(const TraceId& trace, const SpanId& span, std::uint8_t flags) = 0;
  /// The traces that its links name, to be moved like records; a link has no sampling decision of its own to lose.
  virtual void move_links(const std::function<TraceId(const TraceId&)>& moved) = 0;
};

class Telemetry {
 public:
  virtual ~Telemetry() = default;
  /// Spans, log records or data points: what OTLP counts as rejected or not.
  virtual std::uint64_t records() const = 0;
  virtual void for_each(const std::function<void(TraceRecord&)>& see) = 0;
  /// Spans alone; none of other signals.
  virtual void for_each_span(const std::function<void(SpanRecord&)>& see) = 0;
  /// The whole request, as it is now.
  virtual std::string encode() const = 0;
};

/// nullptr: `body` is no request of this signal.
std::unique_ptr<Telemetry> decode_protobuf(Signal signal, std::string_view body);
std::unique_ptr<Telemetry> decode_json(Signal signal, std::string_view body);

/// Attributes that tell a server span's request, of the stable and the earlier conventions (HTTP v1.20 .. v1.44).
void take_request_attribute(ReportedSpan& span, std::string_view key, std::string_view text);
void take_request_attribute(ReportedSpan& span, std::string_view key, std::int64_t number);

inline constexpr int kKindServer = 2;                   // Span.kind
inline constexpr std::uint32_t kRemoteParent = 0x300;   // Span.flags: it is known whether the parent is remote, and it is

inline constexpr std::string_view kOriginalTraceId = "suture.original.trace_id";
inline constexpr std::string_view kOriginalParentId = "suture.original.parent_span_id";
inline constexpr std::string_view kLinkMethod = "suture.link.method";
inline constexpr std::string_view kJoined = "gateway";  // the value of suture.link.method on our links in others' spans

}  // namespace suture

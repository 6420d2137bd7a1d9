#pragma once
// ReportedSpan: a span that an SDK exported by itself, as far as it tells which request it is of; and its Placement, our answer.

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"

namespace suture {

struct ReportedSpan {
  TraceId trace;
  SpanId span;
  SpanId parent;                 // all zero: the root of its trace
  bool server = false;           // of kind SERVER
  std::int64_t start_unix_ns = 0;
  std::int64_t end_unix_ns = 0;
  std::string method, path;      // "": not said
  std::uint16_t status = 0;      // 0: not said
  std::uint16_t peer_port = 0;   // of the client that sent the request; 0: not said
  std::uint16_t upload_port = 0; // of the SDK's end of the connection that the span came by
};

/// Where a reported span belongs among ours.
struct Placement {
  TraceId reported_trace;
  SpanId reported_span;
  bool root = false;             // of its trace, by what the SDK says
  bool found = false;            // the rest has a meaning
  TraceId trace;                 // that our spans of the request are in
  SpanId parent;                 // what our server span hangs under: the client span of the request
  SpanId server;                 // our server span
  std::uint8_t flags = 0;        // W3C, of our trace
};

/// What SDKs report elsewhere, in replays nothing. Called on the capture thread.
class ReportedSpans {
 public:
  virtual ~ReportedSpans() = default;
  /// Those that came since the last call, each of which is to be placed once.
  virtual std::vector<ReportedSpan> take() = 0;
  virtual void on_placed(const Placement& placement) = 0;
};

}  // namespace suture

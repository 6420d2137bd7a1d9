#pragma once
// TraceRow: what the console keeps of a span: its place in the tree and the words of its line, already harmless.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "trace/span.h"

namespace suture {

struct TraceRow {
  TraceId trace;
  SpanId id;
  SpanId parent;  // all zero: a root, or a parent that this agent does not see
  SpanKind kind = SpanKind::Internal;
  bool failed = false;
  bool weak = false;  // the link to the parent is likely, not sure
  std::int64_t start_ns = 0;
  std::int64_t end_ns = 0;  // never before the start
  int http_status = 0;      // 0: none
  std::string service;
  std::string name;       // the span's, e.g. "GET" or "GET /users/{id}"
  std::string authority;  // of url.full: host and port
  std::string path;       // "" if the name says it already
  std::string result;     // status code or error.type; "" if neither is known
};

/// `service` is the resource's service.name.
TraceRow to_row(const Span& span, std::string_view service);

}  // namespace suture

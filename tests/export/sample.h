#pragma once
// Spans and batches for the tests of the exporters.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "export/span_sink.h"
#include "trace/batch.h"

namespace suture::test {

inline TraceId trace_id(std::uint8_t last) {
  return {{0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6, 0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, last}};
}
inline SpanId span_id(std::uint8_t last) { return {{0, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, last}}; }

inline constexpr std::int64_t kStart = 1'700'000'000'000'000'000;

/// A server's span of 2 ms, a root.
inline Span server_span(std::uint8_t last) {
  Span span;
  span.trace_id = trace_id(1);
  span.span_id = span_id(last);
  span.trace_flags = 1;
  span.kind = SpanKind::Server;
  span.start_unix_ns = kStart;
  span.end_unix_ns = kStart + 2'000'000;
  span.process = {.tgid = 42, .start_ns = 7};
  span.name = "GET";
  span.attributes.add(AttributeKey::UrlPath, "/hello");
  span.attributes.add(AttributeKey::HttpResponseStatusCode, std::int64_t{200});
  return span;
}

inline Resource resource(std::string_view service) { return {.attributes = {{"service.name", std::string(service)}}}; }

inline Batch batch_of(std::vector<Span> spans, std::string_view service = "shop") {
  Batch batch;
  batch.span_count = spans.size();
  for (const Span& span : spans) batch.weight_bytes += span.weight_bytes();
  const ProcessKey process = spans.empty() ? ProcessKey() : spans.front().process;
  batch.groups.push_back({.process = process, .resource = resource(service), .spans = std::move(spans)});
  return batch;
}

/// `count` server spans.
inline Batch batch_of_size(std::size_t count) {
  std::vector<Span> spans;
  for (std::size_t i = 0; i < count; ++i) spans.push_back(server_span(static_cast<std::uint8_t>(i + 1)));
  return batch_of(std::move(spans));
}

inline std::uint64_t dropped(const DeliveryLedger& ledger) {
  return ledger.dropped_queue_full + ledger.dropped_too_large + ledger.dropped_rejected + ledger.dropped_expired + ledger.dropped_write;
}

/// Waits for what another thread does; false if it was not done within ten seconds.
inline bool wait_until(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace suture::test

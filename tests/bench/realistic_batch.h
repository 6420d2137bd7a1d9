#pragma once
// Batches like those of life, for what measures the exporters.

#include <cstdint>
#include <string>
#include <utility>

#include "trace/batch.h"

namespace suture {

/// A span as http_span.h describes it: 13 attributes, with ids, times and paths that differ from span to span
/// as they do in life, so that gzip has no easier work.
inline Span realistic_span(std::uint64_t seed) {
  std::uint64_t state = seed * 0x9e3779b97f4a7c15ull + 1;
  const auto random = [&state] {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  };
  Span span;
  for (auto& byte : span.trace_id.bytes) byte = static_cast<std::uint8_t>(random());
  for (auto& byte : span.span_id.bytes) byte = static_cast<std::uint8_t>(random());
  for (auto& byte : span.parent_id.bytes) byte = static_cast<std::uint8_t>(random());
  span.trace_flags = 3;
  span.kind = seed % 2 == 0 ? SpanKind::Server : SpanKind::Client;
  span.start_unix_ns = 1'700'000'000'000'000'000 + static_cast<std::int64_t>(seed * 50'000 + random() % 50'000);
  span.end_unix_ns = span.start_unix_ns + static_cast<std::int64_t>(random() % 5'000'000);
  span.process.tgid = static_cast<std::uint32_t>(seed % 5 + 1);
  span.name = "GET";
  AttributeList& attributes = span.attributes;
  attributes.reserve_text(256);
  attributes.add(AttributeKey::HttpRequestMethod, "GET");
  attributes.add(AttributeKey::HttpResponseStatusCode, std::int64_t{200});
  attributes.add(AttributeKey::UrlPath, "/api/orders/" + std::to_string(random() % 100'000));
  attributes.add(AttributeKey::UrlScheme, "http");
  attributes.add(AttributeKey::ServerAddress, "orders.shop.svc.cluster.local");
  attributes.add(AttributeKey::ServerPort, std::int64_t{8080});
  attributes.add(AttributeKey::ClientAddress, "10.0.3." + std::to_string(random() % 256));
  attributes.add(AttributeKey::NetworkPeerAddress, "10.0.3." + std::to_string(random() % 256));
  attributes.add(AttributeKey::NetworkPeerPort, static_cast<std::int64_t>(32'768 + random() % 28'000));
  attributes.add(AttributeKey::NetworkProtocolVersion, "1.1");
  attributes.add(AttributeKey::UserAgentOriginal, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36");
  attributes.add(AttributeKey::SuturePathTemplate, "/api/orders/{id}");
  attributes.add(AttributeKey::SutureWaitNs, static_cast<std::int64_t>(random() % 100'000));
  return span;
}

/// `count` spans of five processes.
inline Batch realistic_batch(std::size_t count) {
  Batch batch;
  batch.span_count = count;
  for (std::uint32_t tgid = 1; tgid <= 5; ++tgid) {
    Batch::Group group;
    group.process.tgid = tgid;
    group.resource.attributes = {{"service.name", "service-" + std::to_string(tgid)},
                                 {"service.instance.id", std::string("2a9d4a3e-6d1c-5b0e-9d8c-3f5b6c7d8e9f")},
                                 {"host.name", std::string("node-17.example.com")},
                                 {"process.pid", std::int64_t{tgid}}};
    batch.groups.push_back(std::move(group));
  }
  for (std::size_t i = 0; i < count; ++i) {
    Span span = realistic_span(i);
    batch.groups[span.process.tgid - 1].spans.push_back(std::move(span));
  }
  return batch;
}

}  // namespace suture

// What counting a finished span costs the capture thread: labels, series, histogram, exemplar, and its half of an edge.
#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "metrics/metrics.h"

namespace suture {
namespace {

class Services final : public ResourceSource {
 public:
  const Resource& resource_of(const ProcessKey& process) override {
    resource_ = {{{"service.name", "service-" + std::to_string(process.tgid)}, {"service.instance.id", std::to_string(process.tgid)}}};
    return resource_;
  }

 private:
  Resource resource_;
};

Span span_of(SpanKind kind, std::uint32_t service) {
  Span span;
  span.kind = kind;
  span.process = {service, 1};
  span.end_unix_ns = 3'000'000;
  span.attributes.add(AttributeKey::HttpRequestMethod, "GET");
  if (kind == SpanKind::Server) {
    span.attributes.add(AttributeKey::UrlScheme, "http");
    span.attributes.add(AttributeKey::UrlPath, "/products/17");
  } else {
    span.attributes.add(AttributeKey::UrlFull, "http://orders.shop.svc:8080/products/17");
  }
  span.attributes.add(AttributeKey::ServerAddress, "orders.shop.svc");
  span.attributes.add(AttributeKey::ServerPort, std::int64_t{8080});
  if (kind == SpanKind::Server) span.attributes.add(AttributeKey::UserAgentOriginal, "curl/7.88.1");
  span.attributes.add(AttributeKey::NetworkPeerAddress, "10.0.0.7");
  span.attributes.add(AttributeKey::NetworkPeerPort, std::int64_t{41234});
  span.attributes.add(AttributeKey::NetworkProtocolVersion, "1.1");
  span.attributes.add(AttributeKey::HttpResponseStatusCode, std::int64_t{200});
  return span;
}

void name_pair(Span& client, Span& server, std::uint64_t number) {
  std::memcpy(client.span_id.bytes.data(), &number, sizeof(number));
  server.parent_id = client.span_id;
}

/// A client's span and the server's under it, of as many pairs of services as the argument says.
void count_pair(benchmark::State& state) {
  Services services;
  Metrics metrics(services, 0);
  const auto pairs = static_cast<std::uint32_t>(state.range(0));
  std::vector<std::pair<Span, Span>> spans;
  for (std::uint32_t i = 0; i < pairs; ++i) spans.emplace_back(span_of(SpanKind::Client, 2 * i + 1), span_of(SpanKind::Server, 2 * i + 2));
  std::uint64_t number = 0;
  for (auto _ : state) {
    auto& [client, server] = spans[++number % pairs];
    name_pair(client, server, number * 0x9e3779b97f4a7c15ull);
    for (const Span* span : {&server, &client}) {
      metrics.count(*span);
      metrics.exemplify(*span);
    }
    if (number % 1024 == 0) metrics.tick(number * 1'000);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(2 * number));  // spans
}
BENCHMARK(count_pair)->Arg(1)->Arg(100);

/// A copy of 1 000 series, which is made at each scrape.
void snapshot(benchmark::State& state) {
  Services services;
  Metrics metrics(services, 0);
  for (std::uint32_t service = 1; service <= 500; ++service) {
    Span span = span_of(SpanKind::Server, service);
    metrics.count(span);
    metrics.exemplify(span);
  }
  for (auto _ : state) {
    MetricSnapshot copy;
    MetricGroup own;
    metrics.append_to(copy, own);
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(snapshot);

}  // namespace
}  // namespace suture

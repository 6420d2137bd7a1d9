// What one span costs between Exchange and Batch: description, id, trace context. The bar is 400 ns for describe_http.

#include <benchmark/benchmark.h>

#include <string>

#include "trace/http_context.h"
#include "trace/http_span.h"
#include "trace/id_source.h"
#include "trace/span_id.h"

namespace suture {
namespace {

Slice slice_of(const std::string& head, std::string_view text) {
  return {static_cast<std::uint16_t>(head.find(text)), static_cast<std::uint16_t>(text.size())};
}

Exchange exchange_of(Direction direction, std::string_view query) {
  Exchange exchange;
  HttpExchange http;
  HttpRequest& request = http.request;
  const std::string target = "/api/v2/carts/8f14e45f/items" + std::string(query);
  const std::string agent = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
  const std::string traceparent = "00-a1b2c3d4e5f60718293a4b5c6d7e8f90-0f1e2d3c4b5a6978-01";
  request.head = "GET " + target + " HTTP/1.1\r\nHost: shop.example.com:8080\r\nUser-Agent: " + agent +
                 "\r\ntraceparent: " + traceparent + "\r\nX-Forwarded-For: 203.0.113.9, 10.0.0.1\r\n\r\n";
  request.method = {0, 3};
  request.target = slice_of(request.head, target);
  request.host = slice_of(request.head, "shop.example.com:8080");
  request.user_agent = slice_of(request.head, agent);
  request.traceparent = slice_of(request.head, traceparent);
  request.traceparent_count = 1;
  request.x_forwarded_for = slice_of(request.head, "203.0.113.9, 10.0.0.1");
  http.response.status = 200;
  exchange.request_direction = direction;
  exchange.request.wait_ns = 12345;
  exchange.detail = http;
  return exchange;
}

void describe(benchmark::State& state, Direction direction, std::string_view query) {
  const Exchange exchange = exchange_of(direction, query);
  const Endpoints endpoints{AddressFamily::Inet, {198, 51, 100, 5}, {192, 0, 2, 10}, 8080, 40000};
  const HttpSpanOptions options;
  for (auto _ : state) {
    Span span;
    describe_http(exchange, endpoints, options, span);
    benchmark::DoNotOptimize(span);
  }
}

BENCHMARK_CAPTURE(describe, server, Direction::Receive, "");
BENCHMARK_CAPTURE(describe, server_query, Direction::Receive, "?color=blue&page=3&token=0123456789abcdef");
BENCHMARK_CAPTURE(describe, client, Direction::Send, "");
BENCHMARK_CAPTURE(describe, client_query, Direction::Send, "?color=blue&page=3&token=0123456789abcdef");

void span_id(benchmark::State& state) {
  const IdKey key = random_id_key();
  std::uint64_t position = 0;
  for (auto _ : state) benchmark::DoNotOptimize(derive_span_id(key, 1, 2, ++position, SpanKind::Server));
}
BENCHMARK(span_id);

void random_trace_id(benchmark::State& state) {
  RandomIdSource ids;
  for (auto _ : state) benchmark::DoNotOptimize(ids.next_trace_id());
}
BENCHMARK(random_trace_id);

void read_trace_context(benchmark::State& state) {
  const Exchange exchange = exchange_of(Direction::Receive, "");
  const HttpRequest& request = std::get<HttpExchange>(exchange.detail).request;
  const Propagators propagators = default_propagators();
  for (auto _ : state) benchmark::DoNotOptimize(context_of(request, propagators));
}
BENCHMARK(read_trace_context);

}  // namespace
}  // namespace suture

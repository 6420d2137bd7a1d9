// What a head costs to find and read, and what a whole exchange costs in a Session.
#include <benchmark/benchmark.h>

#include <span>
#include <string>
#include <string_view>

#include "proto/http1/head.h"
#include "proto/http1/session.h"

namespace {

using namespace suture;
using namespace suture::http1;

// As a service mesh sends it: 250 bytes.
constexpr std::string_view kRequest =
    "GET /api/v1/orders/12345?verbose=true HTTP/1.1\r\nHost: orders.internal:8080\r\n"
    "User-Agent: python-requests/2.31\r\n"
    "Accept: */*\r\nAccept-Encoding: gzip, deflate\r\nConnection: keep-alive\r\n"
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n";
constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n"
    "Content-Type: application/json\r\n"
    "Content-Length: 20\r\nConnection: keep-alive\r\n\r\n01234567890123456789";

void find_end(benchmark::State& state) {
  for (auto _ : state) {
    std::size_t resume = 0;
    benchmark::DoNotOptimize(find_head_end(kRequest, resume));
  }
}
BENCHMARK(find_end);

void find_and_read_request(benchmark::State& state) {
  for (auto _ : state) {
    std::size_t resume = 0;
    HttpRequest request;
    HeadFacts facts;
    const std::size_t length = find_head_end(kRequest, resume);
    benchmark::DoNotOptimize(parse_request(kRequest.substr(0, length), false, request, facts));
    benchmark::DoNotOptimize(request);
  }
  state.counters["bytes"] = static_cast<double>(kRequest.size());
}
BENCHMARK(find_and_read_request);

void find_and_read_response(benchmark::State& state) {
  for (auto _ : state) {
    std::size_t resume = 0;
    HttpResponse response;
    HeadFacts facts;
    const std::size_t length = find_head_end(kResponse, resume);
    benchmark::DoNotOptimize(parse_response(kResponse.substr(0, length), false, response, facts));
    benchmark::DoNotOptimize(response);
  }
}
BENCHMARK(find_and_read_response);

class Discard : public ExchangeSink {
 public:
  void on_request(std::uint64_t, Direction, const Message& message, const HttpRequest&) override {
    benchmark::DoNotOptimize(message.begin_pos);
  }
  void on_exchange(Exchange&& exchange) override { benchmark::DoNotOptimize(exchange.outcome); }
};

void exchange(benchmark::State& state) {
  ExchangeCounters counters;
  Discard sink;
  http1::Session session(1, counters);
  const auto bytes = [](std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); };
  std::uint64_t received = 0, sent = 0, now_ns = 0;
  const auto operation = [&](Direction direction, std::uint64_t& pos, std::string_view text) {
    session.progress(Direction::Receive, received, now_ns, sink);
    session.progress(Direction::Send, sent, now_ns, sink);
    ++now_ns;
    session.bytes(direction, BytesKind::Start, pos, bytes(text), {now_ns, 0, {1, 1}, 1}, sink);
    pos += text.size();
  };
  for (auto _ : state) {
    operation(Direction::Receive, received, kRequest);
    operation(Direction::Send, sent, kResponse);
  }
  if (counters.exchanges.get() != static_cast<std::uint64_t>(state.iterations())) {
    state.SkipWithError("exchanges are missing");
  }
}
BENCHMARK(exchange);

}  // namespace

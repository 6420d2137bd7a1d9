// What a span costs on the export thread: encoded, serialised and compressed (budget: 2.5 us), and as JSON or on the
// console. Run: bench_export --benchmark_counters_tabular=true

#include <benchmark/benchmark.h>

#include <string>

#include "export/console/waterfall.h"
#include "export/otlp_json.h"
#include "export/otlp/request_encoder.h"
#include "realistic_batch.h"

namespace suture {
namespace {

void per_span(benchmark::State& state, std::size_t bytes) {
  const auto spans = static_cast<double>(state.iterations()) * static_cast<double>(state.range(0));
  state.counters["s/span"] = benchmark::Counter(spans, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["B/span"] = static_cast<double>(bytes) / static_cast<double>(state.range(0));
}

void encode(benchmark::State& state, bool gzip) {
  const Batch batch = realistic_batch(static_cast<std::size_t>(state.range(0)));
  RequestEncoder encoder(OtlpProtocol::HttpProtobuf, gzip);
  std::size_t bytes = 0;
  for (auto _ : state) {
    const std::string_view body = encoder.encode(batch);
    bytes = body.size();
    benchmark::DoNotOptimize(body.data());
  }
  per_span(state, bytes);
}

void EncodeOtlp(benchmark::State& state) { encode(state, false); }
void EncodeOtlpGzip(benchmark::State& state) { encode(state, true); }

void WriteJsonLine(benchmark::State& state) {
  const Batch batch = realistic_batch(static_cast<std::size_t>(state.range(0)));
  std::string line;
  for (auto _ : state) {
    line.clear();
    append_otlp_json(line, batch);
    benchmark::DoNotOptimize(line.data());
  }
  per_span(state, line.size());
}

void DrawTraces(benchmark::State& state) {
  const Batch batch = realistic_batch(static_cast<std::size_t>(state.range(0)));
  std::size_t bytes = 0;
  for (auto _ : state) {
    bytes = 0;
    for (const Batch::Group& group : batch.groups) {
      for (const Span& span : group.spans) {
        FinishedTrace trace{.rows = {to_row(span, group.resource.service_name())}, .complete = true};
        bytes += draw_trace(trace, {.columns = 100, .color = true}).size();
      }
    }
  }
  per_span(state, bytes);
}

BENCHMARK(EncodeOtlp)->Arg(512)->Arg(2048);
BENCHMARK(EncodeOtlpGzip)->Arg(512)->Arg(2048);
BENCHMARK(WriteJsonLine)->Arg(2048);
BENCHMARK(DrawTraces)->Arg(512);

}  // namespace
}  // namespace suture

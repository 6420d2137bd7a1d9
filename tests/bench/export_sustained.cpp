// Spans at a steady rate to an intake of OTLP, through the sink that the agent has: what got there, and what the export thread
// took for it. Run: bench_export_sustained URL SPANS_PER_SECOND SECONDS; prints JSON.

#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "export/otlp/curl_runtime.h"
#include "export/otlp/backend_sink.h"
#include "export/otlp/request_encoder.h"
#include "realistic_batch.h"

namespace suture {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kStep{100};
constexpr std::size_t kBatches = 8;  // that are sent in turns
constexpr int kEncodings = 40;

double rss_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
  return 0;
}

/// Time on a processor of the thread of that name.
double cpu_seconds(const std::string& thread) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    double ns = 0;
    if (name == thread && std::ifstream(task.path() / "schedstat") >> ns) return ns / 1e9;
  }
  return 0;
}

double thread_cpu_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double ns_per_span(const std::vector<Batch>& batches, bool gzip) {
  RequestEncoder encoder(OtlpProtocol::HttpProtobuf, gzip);
  encoder.encode(batches[0]);
  double spans = 0;
  const double begin = thread_cpu_ns();
  for (int i = 0; i < kEncodings; ++i) {
    const Batch& batch = batches[static_cast<std::size_t>(i) % batches.size()];
    if (encoder.encode(batch).empty()) std::abort();
    spans += static_cast<double>(batch.span_count);
  }
  return (thread_cpu_ns() - begin) / spans;
}

int run(const std::string& url, std::size_t rate, int seconds) {
  auto curl = CurlRuntime::start();
  if (!curl) return std::fprintf(stderr, "%s\n", curl.error().c_str()), 1;
  const std::vector<Batch> batches(kBatches, realistic_batch(rate / static_cast<std::size_t>(std::chrono::seconds{1} / kStep)));
  ::malloc_trim(0);
  const double before = rss_mb();

  BackendOptions options;
  options.endpoint.url = url;
  auto opened = BackendSink::open(options);
  if (!opened) return std::fprintf(stderr, "%s\n", opened.error().c_str()), 1;
  BackendSink& sink = **opened;
  double most = before;
  const auto begin = Clock::now();
  const auto steps = seconds * (std::chrono::seconds{1} / kStep);
  for (std::int64_t step = 0; step < steps; ++step) {
    std::this_thread::sleep_until(begin + step * kStep);
    sink.send(batches[static_cast<std::size_t>(step) % kBatches]);
    most = std::max(most, rss_mb());
  }
  std::this_thread::sleep_until(begin + steps * kStep);
  const double took = std::chrono::duration<double>(Clock::now() - begin).count();
  const double cpu = cpu_seconds("suture-otlp");
  sink.flush(std::chrono::seconds{10});
  const DeliveryLedger ledger = sink.ledger();
  const double plain = ns_per_span(batches, false);
  std::printf("{\"sent\": %llu, \"accepted\": %llu, \"seconds\": %.1f, \"cores\": %.4f, \"memory_mb\": %.1f, \"encode_ns\": %.0f, \"compress_ns\": %.0f}\n",
              static_cast<unsigned long long>(ledger.queued), static_cast<unsigned long long>(ledger.accepted), took, cpu / took, most - before, plain,
              ns_per_span(batches, true) - plain);
  return 0;
}

}  // namespace
}  // namespace suture

int main(int argc, char** argv) {
  const long rate = argc == 4 ? std::atol(argv[2]) : 0, seconds = argc == 4 ? std::atol(argv[3]) : 0;
  if (rate < 10 || seconds < 1) return std::fprintf(stderr, "bench_export_sustained URL SPANS_PER_SECOND SECONDS, e.g. http://127.0.0.1:4318/v1/traces 20000 60\n"), 2;
  return suture::run(argv[1], static_cast<std::size_t>(rate), static_cast<int>(seconds));
}

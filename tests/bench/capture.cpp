// Our programs in the kernel with a bare reader behind them: what capture costs by itself. Benchmarks only.
//
//   bench_capture --hooks=MECHANISM --pid PID
//
// Drains and counts as bench_classic does, so that two ways of capture are compared and not two agents: what the agent makes
// of the events evicts the caches of the traced process, and is measured as the agent's own.
// Prints "ready" on stderr when attached; on SIGTERM prints one JSON object: events, bytes and their sum, dropped.

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "kernel/probe.h"
#include "kernel/ring_source.h"
#include "until_signal.h"
#include "wire/event.h"

namespace {

/// Denies every process but `pid`, as the agent does for processes that are not to be traced.
class Counting final : public suture::RecordSink {
 public:
  Counting(suture::Probe& probe, std::uint32_t pid) : probe_(probe), pid_(pid) {}

  void on_record(suture::RecordView record) noexcept override {
    event_header header;
    std::memcpy(&header, record.data(), sizeof(header));
    if (header.type == EVENT_DATA) {
      event_data data;
      std::memcpy(&data, record.data(), sizeof(data));
      if (data.tgid != pid_) return probe_.deny(data.tgid, true);
    }
    ++events;
    bytes += record.size();
    for (const std::byte byte : record) sum += static_cast<unsigned char>(byte);
  }

  unsigned long events = 0, bytes = 0;
  unsigned long sum = 0;  // printed, or the compiler would not read

 private:
  suture::Probe& probe_;
  const std::uint32_t pid_;
};

}  // namespace

int main(int argc, char** argv) {
  const suture::bench::UntilSignal until_signal;
  suture::Result<suture::HookChoice> hooks = suture::Error{"no --hooks"};
  std::uint32_t pid = 0;
  for (int i = 1; i < argc; ++i) {
    constexpr std::string_view kHooks = "--hooks=";
    const std::string_view argument = argv[i];
    if (argument.starts_with(kHooks)) hooks = suture::parse_hook_choice(argument.substr(kHooks.size()));
    else if (argument == "--pid" && i + 1 < argc) std::from_chars(argv[i + 1], argv[i + 1] + std::strlen(argv[i + 1]), pid), ++i;
  }
  if (!hooks || pid == 0) {
    std::fputs("usage: bench_capture --hooks=MECHANISM --pid PID\n", stderr);
    return 2;
  }
  suture::Result<suture::Probe> probe = suture::Probe::open(*hooks);
  if (!probe) {
    std::fprintf(stderr, "bench_capture: %s\n", probe.error().c_str());
    return 1;
  }
  Counting counting(*probe, pid);
  suture::Result<suture::RingSource> ring = suture::RingSource::open(*probe, counting);
  if (!ring) {
    std::fprintf(stderr, "bench_capture: %s\n", ring.error().c_str());
    return 1;
  }
  probe->start();
  suture::bench::UntilSignal::say_ready();
  while (!until_signal.stopped()) ring->drain(std::chrono::milliseconds(10));
  const suture::KernelCounters counters = probe->counters();
  std::printf("{\"events\": %lu, \"bytes\": %lu, \"sum\": %lu, \"dropped\": %lu}\n", counting.events, counting.bytes, counting.sum,
              static_cast<unsigned long>(counters.count[COUNT_REFUSED]));
  return 0;
}

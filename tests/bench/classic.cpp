// Loads the classic probe, drains its ring and counts. Benchmarks only.
//
//   bench_classic --all | --pid PID... [--lean] [--wake]
//
// Drains every 10 ms as we do, so that the two probes are compared and not the ways of waiting; --wake waits to be
// woken for each event, as the readers of that kind do.
// Prints "ready" on stderr when attached; on SIGTERM prints one JSON object: events, bytes and their sum, lost, cpu_ns.

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "classic.skel.h"
#include "until_signal.h"

namespace {

struct SkeletonDeleter {
  void operator()(classic_bpf* skeleton) const { classic_bpf__destroy(skeleton); }
};
struct RingDeleter {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

struct Options {
  bool all = false;
  bool lean = false;
  bool wake = false;
  std::vector<std::uint32_t> pids;
};

struct Totals {
  unsigned long events = 0;
  unsigned long bytes = 0;
  unsigned long sum = 0;  // printed, or the compiler would not read
};

bool parse_options(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--all") {
      options.all = true;
    } else if (argument == "--lean") {
      options.lean = true;
    } else if (argument == "--wake") {
      options.wake = true;
    } else if (argument == "--pid" && i + 1 < argc) {
      const std::string_view number = argv[++i];
      std::uint32_t pid = 0;
      if (std::from_chars(number.begin(), number.end(), pid).ec != std::errc{}) return false;
      options.pids.push_back(pid);
    } else {
      return false;
    }
  }
  return options.all || !options.pids.empty();
}

/// System call tracepoints are found by number through tracefs. Where the host has none mounted, this process gets one
/// in a mount namespace of its own, which ends with it.
bool ensure_tracefs() {
  if (access("/sys/kernel/tracing/events/syscalls", F_OK) == 0) return true;
  return unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, nullptr) == 0;
}

/// Reads what it is given, as every reader must: what the kernel writes next to it then costs as much as for us.
int count(void* context, void* record, size_t bytes) noexcept {
  auto& totals = *static_cast<Totals*>(context);
  ++totals.events;
  totals.bytes += bytes;
  const auto* at = static_cast<const unsigned char*>(record);
  for (size_t i = 0; i < bytes; ++i) totals.sum += at[i];
  return 0;
}

long own_cpu_ns() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000'000L +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1'000L;
}

}  // namespace

int main(int argc, char** argv) {
  const suture::bench::UntilSignal until_signal;
  Options options;
  if (!parse_options(argc, argv, options)) {
    std::fputs("usage: bench_classic --all | --pid PID... [--lean] [--wake]\n", stderr);
    return 2;
  }
  if (!ensure_tracefs()) {
    std::fprintf(stderr, "bench_classic: cannot mount tracefs: %s. Run as root.\n", std::strerror(errno));
    return 1;
  }
  const std::unique_ptr<classic_bpf, SkeletonDeleter> skeleton(classic_bpf__open());
  if (!skeleton) return 1;
  skeleton->rodata->trace_all = options.all;
  skeleton->rodata->lean = options.lean;
  if (classic_bpf__load(skeleton.get()) != 0) return 1;
  const std::uint8_t yes = 1;
  for (const std::uint32_t pid : options.pids) {
    bpf_map__update_elem(skeleton->maps.pids, &pid, sizeof(pid), &yes, sizeof(yes), BPF_ANY);
  }
  Totals totals;
  const std::unique_ptr<ring_buffer, RingDeleter> ring(
      ring_buffer__new(bpf_map__fd(skeleton->maps.events), count, &totals, nullptr));
  if (!ring || classic_bpf__attach(skeleton.get()) != 0) {
    std::fprintf(stderr, "bench_classic: cannot attach: %s\n", std::strerror(errno));
    return 1;
  }
  suture::bench::UntilSignal::say_ready();
  constexpr int kPollMs = 100;  // how late a signal may be noticed; events do not wait for it
  constexpr timespec kDrainPeriod{0, 10'000'000};
  while (!until_signal.stopped()) {
    if (options.wake) {
      ring_buffer__poll(ring.get(), kPollMs);
    } else {
      nanosleep(&kDrainPeriod, nullptr);
      ring_buffer__consume(ring.get());
    }
  }
  ring_buffer__consume(ring.get());
  std::printf("{\"events\": %lu, \"bytes\": %lu, \"sum\": %lu, \"lost\": %llu, \"cpu_ns\": %ld}\n", totals.events, totals.bytes, totals.sum,
              static_cast<unsigned long long>(skeleton->bss->lost), own_cpu_ns());
  return 0;
}

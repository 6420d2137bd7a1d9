#include "live.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/fd.h"
#include "control/control_socket.h"
#include "connections_file.h"
#include "edges/redis_edges.h"
#include "export/otlp/curl_runtime.h"
#include "facts_watch.h"
#include "kernel/privileges.h"
#include "kernel/ring_source.h"
#include "ledger.h"
#include "load/host_load.h"
#include "load/shedder.h"
#include "load/short_slices.h"
#include "metrics_collector.h"
#include "recording_tap.h"
#include "runtime_watch.h"
#include "stop_condition.h"
#include "wire/limits.h"

namespace suture {
namespace {

using std::chrono::milliseconds;

// While events flow the ring is emptied every 10 ms: 1 MiB is then enough for 35 000 requests/s. On a silent host the
// kernel's wake-up at a quarter full and on exec allows for fewer wake-ups of ours.
// Where a drain found a quarter of the ring, the next comes at once: long heads fill it within a millisecond.
constexpr milliseconds kBurstWait{1}, kBusyWait{10}, kIdleWait{50};
constexpr std::size_t kBurstBytes = SUTURE_RING_BYTES / 4;  // of a larger ring the same: the wake-up comes at it
constexpr std::uint64_t kIdleAfterNs = 1'000'000'000;
constexpr std::uint64_t kSweepNs = 200'000'000;        // while a message's end is due: a span is out within 1 s of it
constexpr std::uint64_t kEdgeSweepNs = 10'000'000'000;
constexpr std::uint64_t kHousekeepingNs = 1'000'000'000;
constexpr milliseconds kFlushDeadline{1200};           // of the 2 s that SIGTERM may take; the rest is for detaching
constexpr milliseconds kLastFacts{100};                // for the names of processes first seen at the end

std::uint64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

/// What `suture explain` and `suture propagation` ask. An agent of another version may not know the question.
Result<std::string> answer_question(Pipeline& pipeline, std::string_view question) {
  constexpr std::string_view kExplain = "explain";
  if (question == kExplain) return pipeline.explain_all();
  if (question == "propagation") return pipeline.propagation_report(ReportForm::Text, ControlSocket::kMaxAnswer);
  if (question == "propagation json") return pipeline.propagation_report(ReportForm::Json, ControlSocket::kMaxAnswer);
  std::uint32_t pid = 0;
  if (question.starts_with(kExplain) && std::from_chars(question.data() + kExplain.size() + 1, question.data() + question.size(), pid).ec == std::errc())
    return pipeline.explain(pid);
  return Error{"the agent does not know this question; is it of another version?"};
}

class ProbeControl final : public KernelControl {
 public:
  /// `watch` may be null: no runtimes are looked for.
  ProbeControl(Probe& probe, RuntimeWatch* watch) : probe_(probe), watch_(watch) {}
  void deny(std::uint32_t tgid) override { probe_.deny(tgid, true); }
  bool look_for_runtime(const ProcessKey& process) override { return watch_ == nullptr || watch_->look_at(process); }
  void forget_runtime(const ProcessKey& process) override { (void)probe_.set_runtime(process.tgid, nullptr); }
  void hands_over(std::uint32_t tgid, bool hands_over) override { probe_.hands_over(tgid, hands_over); }
  void trace(std::uint32_t tgid, std::optional<std::uint32_t> evidence) override { (void)probe_.set_traced(tgid, evidence); }

 private:
  Probe& probe_;
  RuntimeWatch* const watch_;
};

/// Gives up what attaching needed. What is kept reads /proc of other users' processes.
void drop_privileges(Probe& probe, bool command) {
  if (command) return;  // the command runs with the rights of who started us
  std::vector<Capability> kept{Capability::SysPtrace, Capability::DacReadSearch};
  // Before 5.19 every bpf(2) call needs CAP_BPF, the sweep's iterator and the runtimes' map too: try it without, and keep it
  // if it is refused.
  if (has_capability(Capability::Bpf)) {
    (void)set_effective(Capability::Bpf, false);
    (void)set_effective(Capability::SysAdmin, false);
    if (!probe.sweep() || !probe.set_runtime(0, nullptr)) kept.push_back(Capability::Bpf);
  }
  if (const Status status = keep_only(kept); !status) spdlog::warn("capabilities stay as they are: {}", status.error());
}

void say_missing_rights() {
  if (!has_capability(Capability::SysPtrace))
    spdlog::warn("no CAP_SYS_PTRACE: environment and executable of other users' processes are not read; service names are poorer");
  if (!has_capability(Capability::DacReadSearch) && ::geteuid() != 0)
    spdlog::info("no CAP_DAC_READ_SEARCH: package.json of other users' Node services may not be readable");
}

std::string_view protocol_of(connection_verdict verdict) {
  switch (verdict) {
    case VERDICT_TLS: return "TLS";
    case VERDICT_HTTP2: return "HTTP/2";
    default: return "not HTTP/1";
  }
}

/// Tells once per service and protocol why it has no spans.
class UntracedNotice {
 public:
  void say(const UntracedProcess& untraced, std::string_view service) {
    if (told_.size() >= kMaxTold || !told_.emplace(service, untraced.verdict).second) return;
    spdlog::info("{} (pid {}): {}{} connections, all {}: not traced yet", service, untraced.process.tgid,
                 untraced.connections == Untraced::kMaxConnections ? "at least " : "", untraced.connections, protocol_of(untraced.verdict));
  }

 private:
  static constexpr std::size_t kMaxTold = 1000;  // services; nobody reads more lines
  std::set<std::pair<std::string, connection_verdict>> told_;
};

/// Nothing is written to an empty path. After a failure, which is said, the path is empty.
void write_ledger(std::string& path, const Ledger& ledger) {
  const std::string draft = path + ".part";
  const std::string text = ledger.to_json() + "\n";
  Fd fd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640));
  if (fd.valid() && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::rename(draft.c_str(), path.c_str()) == 0)
    return;
  spdlog::warn("ledger file '{}': {}; it is not written any more", path, std::strerror(errno));
  path.clear();
}

/// Best first, and with what is to be written.
Result<Probe> open_probe(LiveOptions& options) {
  const auto open = [&options](HookChoice hooks) { return Probe::open(hooks, {.ring_bytes = options.ring_bytes}, options.unix_sockets); };
  if (options.hooks == HookChoice::Auto && options.writing.method == WritingMethod::Header)
    for (HookChoice hooks : kHeaderHooks)
      if (Result<Probe> probe = open(hooks)) {
        options.hooks = hooks;
        return probe;
      }
  return open(options.hooks);
}

// A span whose hold is over takes those above it along: longer than these may wait for an SDK's (SpanPlacer::kWaitNs), and what a
// request sent seconds before its end waits with it.
constexpr std::chrono::seconds kGatewayHold{10};

/// nullptr: none is asked for. The pipeline is told where it listens.
Result<std::unique_ptr<Gateway>> open_gateway(LiveOptions& options) {
  if (options.gateway.listen.empty()) return std::unique_ptr<Gateway>();
  Result<std::unique_ptr<Gateway>> gateway = Gateway::open(options.gateway, options.exports.otlp);
  if (!gateway) return gateway;
  options.pipeline.gateway = {.port = (*gateway)->port(), .rewrite = options.gateway.mend == MendMode::Rewrite};
  options.pipeline.joiner.forest.hold = kGatewayHold;
  return gateway;
}

}  // namespace

Result<int> run_live(LiveOptions options) {
  if (!has_capability(Capability::Bpf) && !has_capability(Capability::SysAdmin))
    return Error{"not permitted: attaching to the kernel needs CAP_BPF and CAP_PERFMON. Run as root, or see 'suture doctor'."};
  if (!has_capability(Capability::Perfmon) && !has_capability(Capability::SysAdmin))
    return Error{"not permitted: reading kernel events needs CAP_PERFMON beside CAP_BPF. Run as root, or see 'suture doctor'."};
  ::prctl(PR_SET_NAME, "suture-capture");
  say_missing_rights();

  StopCondition ending;
  std::optional<CurlRuntime> curl;
  if (!options.exports.otlp.empty() || !options.metrics.otlp.empty() || options.edges) {
    Result<CurlRuntime> started = CurlRuntime::start();
    if (!started) return Error{started.error()};
    curl.emplace(std::move(started).value());
  }
  Result<std::unique_ptr<ConnectionsFile>> connections = ConnectionsFile::open(options.connections_path);
  if (!connections) return Error{connections.error()};

  Result<Probe> opened = open_probe(options);
  if (!opened) return Error{opened.error()};
  std::optional<Probe> probe(std::move(opened).value());

  // Nobody's requests are worse off where it does not work: they leave as they are.
  if (options.writing.method != WritingMethod::Off) {
    if (const Status begun = begin_context_writing(*probe, options.hooks, options.writing, options.pipeline.id_key); !begun) {
      spdlog::warn("--propagate {} is off: {}", name_of(options.writing.method), begun.error());
      options.writing.method = WritingMethod::Off;
      options.pipeline.traced = {};
    }
  }

  const HostFacts host = read_host_facts(options.host_root);
  Result<std::unique_ptr<RecordingTap>> opened_tap = RecordingTap::open(options.record_path, options.record_raw, host, name_of(probe->io_choice()));
  if (!opened_tap) return Error{opened_tap.error()};
  RecordingTap* const tap = opened_tap->get();
  const std::uint32_t self = probe->start();
  // Which sockets are older than the agent is learned by going through the files of all processes.
  if (options.unix_sockets && self != static_cast<std::uint32_t>(::getpid()))
    return Error{"--unix-sockets needs the host's PID namespace (hostPID: true, or --pid=host)."};
  // Capabilities belong to a thread: those of the sinks, started after this, inherit what is left.
  drop_privileges(*probe, !options.command.empty());
  Result<std::vector<std::unique_ptr<SpanSink>>> sinks = make_sinks(options.exports);
  if (!sinks) return Error{sinks.error()};

  Result<std::unique_ptr<Gateway>> gateway = open_gateway(options);
  if (!gateway) return Error{gateway.error()};

  std::optional<RedisEdges> edges;
  if (options.edges) edges.emplace(*options.edges);

  FactsWatch facts(options.proc_root);
  ProcessTable processes(host, &facts, tap ? &tap->facts_listener() : nullptr);
  Batcher batcher(std::move(sinks).value(), processes, options.batch);
  RandomIdSource ids;
  std::optional<RuntimeWatch> watch;
  if (options.runtime_walks)
    watch.emplace(options.proc_root, [&probe](std::uint32_t tgid, const runtime* found) {
      if (!probe->set_runtime(tgid, found)) spdlog::debug("process {}: its runtime is not looked at: {}", tgid, std::strerror(errno));
    });
  ProbeControl control(*probe, watch ? &*watch : nullptr);
  if (!options.command.empty()) options.pipeline.command_parent = self;
  Pipeline pipeline(options.pipeline, ids, processes, batcher, &control, tap, connections->get());
  if (*gateway) pipeline.set_gateway(**gateway);
  if (edges) pipeline.set_edges(*edges);
  ClockAnchor anchor = sample_clock_anchor();
  pipeline.set_anchor(anchor);
  MetricsCollector collector(pipeline, batcher, processes, *probe, own_resource(host, self, anchor.unix_ns, std::getenv("OTEL_RESOURCE_ATTRIBUTES")),
                             anchor.unix_ns);
  Result<std::unique_ptr<MetricsExport>> metrics = MetricsExport::open(options.metrics);
  if (!metrics) return Error{metrics.error()};
  const auto collect = [&] { return collector.collect((*metrics)->deliveries()); };
  Result<RingSource> source = RingSource::open(*probe, pipeline);
  if (!source) return Error{source.error()};

  spdlog::debug("socket io by {}", name_of(probe->io_choice()));
  std::fputs("ready\n", stderr);
  std::fflush(stderr);

  if (!options.command.empty())
    if (const Status started = ending.start(options.command); !started) return Error{started.error()};

  std::optional<ControlSocket> questions;
  if (!options.control_path.empty()) {
    Result<ControlSocket> listening = ControlSocket::listen(options.control_path);
    if (listening) questions.emplace(std::move(listening).value());
    else spdlog::warn("suture explain will find nobody: {}", listening.error());
  }
  const auto answer = [&pipeline](std::string_view question) { return answer_question(pipeline, question); };
  if (!run_in_short_slices()) spdlog::debug("short slices: {}", std::strerror(errno));
  UntracedNotice notice;
  HostLoad load(options.proc_root);
  Shedder shedder(options.cpu_budget);
  bool burst = false;
  std::uint64_t last_event = 0, last_sweep = monotonic_ns(), last_housekeeping = 0;
  for (;;) {
    std::uint64_t now = monotonic_ns();
    const milliseconds wait = burst ? kBurstWait : now - last_event < kIdleAfterNs ? kBusyWait : kIdleWait;
    const RingSource::Drained drained = source->drain(wait);
    if (drained.events > 0) last_event = now;
    burst = drained.bytes > kBurstBytes;
    now = monotonic_ns();
    pipeline.tick(now);
    (*metrics)->tick(now, collect);
    if (const auto window = load.sample(now)) probe->keep_below(shedder.next(*window));
    if (questions) questions->serve(now, answer);
    if (now - last_sweep >= (pipeline.wants_sweep() ? kSweepNs : kEdgeSweepNs)) {
      last_sweep = now;
      probe->sweep();
    }
    if (now - last_housekeeping >= kHousekeepingNs) {
      last_housekeeping = now;
      if (options.writing.method == WritingMethod::Header) probe->release_idle_sockets(now);
      if (const ClockAnchor fresh = sample_clock_anchor(); stepped(anchor, fresh)) {
        anchor = fresh;
        pipeline.set_anchor(anchor);
      }
      for (const UntracedProcess& untraced : pipeline.take_untraced(now))
        notice.say(untraced, processes.resource_of(untraced.process).service_name());
      if (!options.ledger_path.empty()) write_ledger(options.ledger_path, Ledger::of(&*probe, pipeline, batcher, processes, gateway->get()));
    }
    if (ending.reached(now)) break;
  }

  probe->stop();
  probe->sweep();
  source->drain(milliseconds(0));
  (void)facts.wait_for_answers(kLastFacts);
  pipeline.finish();
  (*metrics)->begin_end(collect(), kFlushDeadline);
  const Ledger last = [&] {
    if (*gateway) (*gateway)->begin_end(kFlushDeadline);
    batcher.flush(kFlushDeadline);
    (*metrics)->flush();
    if (*gateway) (*gateway)->flush(kFlushDeadline);  // the same deadline, from begin_end() on
    return Ledger::of(&*probe, pipeline, batcher, processes, gateway->get());
  }();
  if (tap) tap->on_counters(probe->counters());
  if (!options.ledger_path.empty()) write_ledger(options.ledger_path, last);
  if (!options.quiet) std::fputs(last.to_text().c_str(), stderr);
  return ending.exit_code();
}

}  // namespace suture

// A request on the loopback device, seen end to end: the real hooks, the real pipeline, a sink that looks for its
// spans.

#include <chrono>
#include <ctime>

#include <fmt/format.h>

#include "doctor/checks.h"
#include "doctor/loopback_pair.h"
#include "kernel/ring_source.h"
#include "pipeline.h"

namespace suture {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// A span is out within 1 s of its end; the rest is for a loaded host.
constexpr std::chrono::seconds kDeadline{3};
constexpr milliseconds kDrainWait{10}, kSweepEvery{200};  // as the agent itself

/// What was seen of the one request.
struct Sighting {
  std::vector<Span> clients, servers;

  bool both() const { return !clients.empty() && !servers.empty(); }
  bool joined() const {
    return servers[0].parent_id == clients[0].span_id && servers[0].trace_id == clients[0].trace_id;
  }
};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// Keeps the spans of one path in `seen`, which outlives it, and drops the rest of the host's.
class PathWatch final : public SpanSink {
 public:
  PathWatch(std::string path, Sighting& seen) : path_(std::move(path)), seen_(seen) {}

  std::string_view name() const override { return "doctor"; }
  void flush(milliseconds) override {}
  DeliveryLedger ledger() const override { return {}; }
  void send(Batch batch) override {
    for (Batch::Group& group : batch.groups)
      for (Span& span : group.spans)
        if (names_path(span))
          (span.kind == SpanKind::Client ? seen_.clients : seen_.servers).push_back(std::move(span));
  }

 private:
  bool names_path(const Span& span) const {
    const auto* entry =
        span.attributes.find(span.kind == SpanKind::Client ? AttributeKey::UrlFull : AttributeKey::UrlPath);
    return entry && ends_with(span.attributes.text(*entry), path_);
  }

  const std::string path_;
  Sighting& seen_;
};

std::string unique_path() {
  SpanId random;
  fill_random(random.bytes);
  return "/suture-doctor-" + to_hex(random);
}

std::uint64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

/// Runs the agent on `probe` until both spans are there or the deadline is over, then until nothing is held.
Status watch(Probe& probe, const std::string& path, LoopbackPair& pair, Sighting& seen) {
  ProcessTable processes(HostFacts(), nullptr);  // whose spans they are is of no interest
  std::vector<std::unique_ptr<SpanSink>> sinks;
  sinks.push_back(std::make_unique<PathWatch>(path, seen));
  Batcher::Limits limits;
  limits.age = milliseconds(0);
  Batcher batcher(std::move(sinks), processes, limits);
  RandomIdSource ids;
  PipelineOptions options;
  options.id_key = random_id_key();
  Pipeline pipeline(std::move(options), ids, processes, batcher, nullptr, nullptr, nullptr);
  pipeline.set_anchor(sample_clock_anchor());
  Result<RingSource> source = RingSource::open(probe, pipeline);
  if (!source) return Error{source.error()};

  probe.start();
  if (const Status sent = pair.send_request(); !sent) return Error{sent.error()};
  const Clock::time_point deadline = Clock::now() + kDeadline;
  Clock::time_point next_sweep = Clock::now() + kSweepEvery;
  while (!seen.both() && Clock::now() < deadline) {
    source->drain(kDrainWait);
    pipeline.tick(monotonic_ns());
    if (Clock::now() >= next_sweep) {
      next_sweep += kSweepEvery;
      probe.sweep();
    }
  }
  probe.stop();
  source->drain(milliseconds(0));
  pipeline.finish();
  batcher.flush(milliseconds(0));
  return Nothing{};
}

Finding judge_sighting(Finding finding, const Sighting& seen, const std::optional<std::string>& outcome) {
  if (seen.clients.size() == 1 && seen.servers.size() == 1 && seen.joined()) {
    finding.found = fmt::format("both by {}, joined", finding.found);
    return finding;
  }
  if (!outcome || !outcome->empty()) {  // there was nothing to see: no word on the agent
    finding.state = FindingState::Warn;
    finding.found =
        outcome ? "the request failed: " + *outcome : fmt::format("no answer within {} s", kDeadline.count());
    finding.mend = "check that 127.0.0.1 is up (ip addr show lo) and the host not overloaded, then try again";
    return finding;
  }
  const bool apart = seen.clients.size() == 1 && seen.servers.size() == 1;
  finding.state = FindingState::Fail;
  finding.found = fmt::format("{} CLIENT and {} SERVER span(s) by {}{}", seen.clients.size(), seen.servers.size(),
                              finding.found, apart ? ", not joined" : "");
  finding.mend = "try another mechanism (--hooks=NAME); 'suture run --ledger FILE' counts what was dropped, and why";
  return finding;
}

}  // namespace

Finding check_loopback(HookChoice choice, bool may_attach) {
  Finding finding{"loopback", FindingState::Pass, "", "one CLIENT and one SERVER span of a request", ""};
  if (!may_attach) {
    finding.state = FindingState::Skip;
    finding.found = "not tried: nothing attaches without CAP_BPF and CAP_PERFMON";
    finding.mend = "run as root";
    return finding;
  }
  const std::string path = unique_path();
  // The children come first, so that they hold nothing of the probe's.
  Result<std::unique_ptr<LoopbackPair>> pair = LoopbackPair::start(path);
  if (!pair) {
    finding.state = FindingState::Warn;
    finding.found = "not tried: " + pair.error();
    finding.mend = "check that 127.0.0.1 is up (ip addr show lo)";
    return finding;
  }
  Result<Probe> probe = Probe::open(choice);
  Sighting seen;
  const Status watched = probe ? watch(*probe, path, **pair, seen) : Status(Error{probe.error()});
  if (!watched) {
    finding.state = FindingState::Fail;
    finding.found = watched.error().substr(0, watched.error().find(". Run 'suture doctor'"));
    finding.mend = "see the hooks above";
    return finding;
  }
  finding.found = name_of(probe->io_choice());
  return judge_sighting(std::move(finding), seen, (*pair)->outcome());
}

}  // namespace suture

#include "kernel/option_self_test.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "kernel/probe.h"
#include "kernel/self_test.h"

namespace suture {
namespace {

using namespace self_test;

constexpr int kSegment = 1448;             // as over Ethernet, with timestamps
constexpr int kConnections = 3, kTurns = 4;
constexpr std::size_t kBody = 1u << 20;    // in segments that are as full as they may be: with one byte too many it never arrives
constexpr int kTries = 3;                  // where events of a busy host were lost, nothing is known
constexpr std::uint64_t kHeads = kConnections * kTurns + 1;  // that leave with an option, at least: callers may have some too

// ---- in the child

/// The service that is tested, and the one that it asks.
class OptionStage {
 public:
  Ends connect() const { return backend_.connect(kSegment); }
  /// The thread works on a request from here on.
  void is_asked() {
    callers_ = service_.connect();
    send_all(callers_.client.get(), kRequest);
    (void)receive(callers_.server.get(), kRequest.size());
  }

 private:
  Listener service_, backend_;
  Ends callers_;
};

void requests_take_turns(OptionStage& stage, const Ends& ends) {
  for (int turn = 0; turn < kTurns; ++turn) {
    stage.is_asked();
    send_all(ends.client.get(), kRequest);
    need(receive(ends.server.get(), kRequest.size()) == kRequest, "a request was changed");
    answer(ends);
  }
}

/// `first` by this thread, `rest` by another while this one reads.
void message_arrives(const Ends& ends, std::string_view first, std::string_view rest) {
  if (!first.empty()) send_all(ends.client.get(), first);
  bool sent = false;
  std::thread writer([&] {
    try {
      send_all(ends.client.get(), rest);
      sent = true;
    } catch (const Odd&) {
    }
  });
  std::string seen;
  const char* odd = nullptr;
  try {
    seen = receive(ends.server.get(), first.size() + rest.size());
  } catch (const Odd& what) {
    odd = what.what;
    ::shutdown(ends.client.get(), SHUT_RDWR);
  }
  writer.join();
  need(odd == nullptr, odd);
  need(sent && seen == std::string(first) + std::string(rest), "a body was changed");
}

void bodies_arrive(OptionStage& stage) {
  std::string body;
  while (body.size() < kBody) body += kRequest;
  const std::string head = "POST /a HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
  const Ends ends = stage.connect();
  stage.is_asked();
  message_arrives(ends, head, body);
  answer(ends);
  stage.is_asked();
  message_arrives(ends, "", head + body);  // too large for an option
  answer(ends);
}

void try_options() {
  OptionStage stage;
  for (int i = 0; i < kConnections; ++i) {
    const Ends ends = stage.connect();
    requests_take_turns(stage, ends);
  }
  bodies_arrive(stage);
  const Ends ends = stage.connect();
  streams_flow(ends);
}

// ---- in the agent

/// Where requests were read, what was sent along with them, and what of that has come.
class OptionSink final : public RecordSink {
 public:
  void on_record(RecordView record) noexcept override {
    event_header header;
    if (record.size() < sizeof(header)) return;
    std::memcpy(&header, record.data(), sizeof(header));
    if (header.type == EVENT_DATA && record.size() >= sizeof(event_data)) {
      const auto& event = *reinterpret_cast<const event_data*>(record.data());
      if (event.kind == DATA_START && event.direction == DIRECTION_RECEIVE) begun_.emplace_back(event.connection, event.seq);
    } else if (header.type == EVENT_TRACE && record.size() >= sizeof(event_trace)) {
      const auto& event = *reinterpret_cast<const event_trace*>(record.data());
      const std::string trace(std::begin(event.trace_id), std::end(event.trace_id));
      if (event.what == TRACE_WRITTEN) written_.emplace_back(trace, event.seq, event.trace_flags);
      if (event.what == TRACE_CARRIED) carried_.push_back({event.connection, {trace, event.seq, event.trace_flags}});
    }
  }
  /// Options that were laid ready.
  std::size_t ready() const { return written_.size(); }
  /// All of them have come, at a byte with which a request begins.
  bool all_arrived() const {
    return std::all_of(written_.begin(), written_.end(), [this](const Told& told) {
      const auto at = std::find_if(carried_.begin(), carried_.end(), [&](const auto& carried) { return carried.second == told; });
      return at != carried_.end() && std::find(begun_.begin(), begun_.end(), std::pair(at->first, std::get<1>(told))) != begun_.end();
    });
  }

 private:
  using Told = std::tuple<std::string, std::uint32_t, std::uint8_t>;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> begun_;
  std::vector<Told> written_;
  std::vector<std::pair<std::uint64_t, Told>> carried_;
};

Status judge(const KernelCounters& counted, const OptionSink& sink) {
  if (counted.count[TRACE_COUNT_WRITTEN] < sink.ready())
    return Error{"self-test: the option does not leave with its request. Does another program of type sockops change what is set on sockets? See 'bpftool cgroup tree'"};
  if (counted.count[TRACE_COUNT_WRITTEN] < kHeads || !sink.all_arrived())
    return Error{"self-test: the option does not come with the request that it is for"};
  if (counted.count[TRACE_COUNT_TOO_LARGE] == 0) return Error{"self-test: a segment was too large for the option, and nothing noticed"};
  return Nothing{};
}

}  // namespace

Status option_self_test(HookChoice hooks, int cgroup) {
  std::uint64_t lost = 0;
  for (int i = 0; i < kTries; ++i) {
    OptionSink sink;
    Result<KernelCounters> counted = run_traced(hooks, try_options, [cgroup](Probe& probe) { return probe.carry_traces(cgroup); }, sink);
    if (!counted) return Error{counted.error()};
    Status judged = judge(*counted, sink);
    lost = counted->count[DROP_RING_FULL];
    if (judged || lost == 0) return judged;
  }
  return Error{"self-test: the host is too busy, " + std::to_string(lost) + " events were lost, so that nobody knows whether the option comes with the request that it is for"};
}

}  // namespace suture

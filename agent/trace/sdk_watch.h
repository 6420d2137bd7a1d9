#pragma once
// SdkWatch: which requests an SDK inside the process reports by itself, as far as the wire shows it.
//   - A context that leaves and that the process has not received names a span which the process made: a client span of its
//     SDK. One that it has received is passed on: no SDK has been at work, and as long as none is seen in that process it is taken
//     to pass on whatever it sends.
//   - A context that it made inside a trace that it has received shows that its SDK has taken up that trace, so the SDK has a
//     server span of that request. What is known of one request is expected of the next ones.
//   - A process that uploads spans by OTLP/HTTP has an SDK, unless it has received such uploads: then it is a collector or a
//     proxy in front of one.
//   - A process that also receives what cannot be read (TLS, HTTP/2) may have received there what seems to be its own.
//   - Nothing of this for kSilenceNs after the end of the first request with a context: there is no SDK. SDKs upload every 5 s
//     by default (OTEL_BSP_SCHEDULE_DELAY). Until then server spans with a context wait.
// Only sampled contexts count: of others an SDK reports nothing. Capture thread; time is event time.

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "trace/forest.h"
#include "trace/trace_context.h"

namespace suture {

class SdkWatch {
 public:
  static constexpr std::uint64_t kSilenceNs = 5'500'000'000;
  static constexpr std::size_t kMaxProcesses = 16'384;  // over it no more are judged: their spans are exported
  static constexpr std::size_t kMaxContexts = 65'536;   // received ones that are remembered; the oldest go first
  static constexpr std::size_t kMaxPending = 65'536;    // server spans of one process that wait; over it none waits any more

  /// `forest` outlives this: spans that wait are in it, and are withdrawn or let go there.
  explicit SdkWatch(Forest& forest) : forest_(forest) {}

  /// What a process has to do with a context that it sends.
  struct Sent {
    bool made = false;    // by itself
    bool begun = false;   // and in a trace that it has not received
    bool surely = false;  // if it was made: the process has received nothing that cannot be read, or is known to have an SDK
    NodeId passed = 0;    // if not: the request that it came with, if it is one alone
  };

  /// `server` carries `context`: sampled, with a parent.
  void on_received(const ProcessKey& process, const TraceContext& context, NodeId server);
  /// A request leaves with `context`: sampled, with a parent.
  Sent on_sent(const ProcessKey& process, const TraceContext& context);
  /// A context that the process made was sent because of a request that came without one.
  void on_started(const ProcessKey& process) { evident(process); }
  /// The same because of a request that came with one of another trace, which its SDK did not take up.
  void on_not_taken_up(const ProcessKey& process, NodeId server);
  /// It accepts connections whose requests cannot be read (TLS, HTTP/2): what it sends may have come over these.
  void on_unreadable(const ProcessKey& process);
  /// It uploads spans; it is sent such uploads.
  void on_upload(const ProcessKey& process);
  void on_intake(const ProcessKey& process);
  /// A server exchange with a context has ended.
  void on_ended(const ProcessKey& process, std::uint64_t now_ns);
  /// It ended, or is another program now.
  void on_process_over(const ProcessKey& process);
  void tick(std::uint64_t now_ns);
  /// Nobody waits any more.
  void flush();

  /// There is an SDK that reports server spans.
  bool reports(const ProcessKey& process) const;

 private:
  enum class TakesUp : std::uint8_t { Unknown, Yes, No };
  struct Process {
    bool sdk = false;       // seen
    bool relays = false;    // uploads of others
    bool unreadable = false;  // it receives what cannot be read
    bool silent = false;    // has had its time
    TakesUp takes_up = TakesUp::Unknown;  // the traces of what it receives; by the last request that showed it
    std::uint64_t due_ns = 0;  // when it will have been silent for long enough
    std::vector<NodeId> pending;
  };
  using Key = std::uint64_t;  // of a process and a span or trace id

  Process* known(const ProcessKey& process);
  Process* watch(const ProcessKey& process);
  void evident(const ProcessKey& process);
  void let_go(Process& process);
  void withdraw_pending(Process& process);
  void remember(std::unordered_map<Key, NodeId>& map, Key key, NodeId server, bool alone);

  Forest& forest_;
  std::unordered_map<ProcessKey, Process> processes_;
  std::unordered_map<Key, NodeId> spans_;   // received parents: the request, or 0 if several came with it
  std::unordered_map<Key, NodeId> traces_;  // received traces: the request that came last
  std::deque<std::pair<std::unordered_map<Key, NodeId>*, Key>> order_;  // oldest first
  std::deque<std::pair<std::uint64_t, ProcessKey>> due_;                // in order of time
};

}  // namespace suture

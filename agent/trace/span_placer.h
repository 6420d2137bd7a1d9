#pragma once
// SpanPlacer: which of our server spans is the same request as a server span that an SDK reported to the gateway, and so where the
// SDK's span belongs. It goes by what is exact, and answers "nowhere" to all else:
//   - the process that uploaded the span, by the connection that it came over, served the request;
//   - the port of the request's client is the one that the span names, or the process sent on a context of the span's trace because
//     of the request, by a link that is audited;
//   - the span began while the request was being served, and neither method, path nor status contradict;
//   - there is one such request, and no other span has claimed it.
// Of processes that upload to the gateway our server spans without a context wait for it: what the SDK reports is left to it. Of
// a process that is new they wait until it has had the time to upload. In a rewrite our spans wait as well that are in a trace
// which an SDK began and whose place is not known. Capture thread; time is event time.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/counter.h"
#include "proto/exchange.h"
#include "trace/forest.h"
#include "trace/reported_span.h"

namespace suture {

class SpanPlacer {
 public:
  // An SDK exports a span at most 5 s after its end (OTEL_BSP_SCHEDULE_DELAY); the rest is for the way here.
  static constexpr std::uint64_t kWaitNs = 6'500'000'000;
  static constexpr std::uint64_t kPatienceNs = 3'000'000'000;  // for a request's end, and for what is above it; the gateway waits 7 s
  static constexpr std::uint64_t kBehindNs = 1'000'000'000;    // at most, is the time that a report is given behind the clock
  static constexpr std::uint64_t kKeepNs = 12'000'000'000;     // ended requests: an SDK that is late by a whole period
  static constexpr std::size_t kMaxServed = 65'536;            // of which so many; over it the oldest are forgotten
  static constexpr std::size_t kMaxProcesses = 16'384;
  static constexpr std::size_t kMaxUnplaced = 16'384;          // reported spans that wait for their request

  struct Options {
    std::uint16_t port = 0;  // where the gateway listens; 0: there is none, and nothing here does anything
    bool rewrite = false;    // traces that SDKs began become ours; else they are linked to
  };
  struct Counters {
    Counter placed, below;              // roots; server spans behind a proxy
    Counter no_process;                 // nobody knows who uploaded it
    Counter no_request;                 // of that process no request fits
    Counter ambiguous;                  // several do, or another span has claimed it
    Counter contradicted;               // what the process sent on says otherwise
    Counter edge;                       // a request that nothing of ours, and no header, is above
    Counter late;                       // ours had left by then: it is exported twice, or without its link
  };

  /// `forest` outlives this.
  explicit SpanPlacer(Forest& forest) : forest_(forest) {}
  void set_options(const Options& options) { options_ = options; }

  // What the wire shows.
  /// A process sends telemetry to `remote_port`, from `local_port`.
  void on_upload(const ProcessKey& process, std::uint16_t local_port, std::uint16_t remote_port, std::uint64_t now_ns);
  /// A request is received.
  void on_received(const ProcessKey& process, NodeId server, std::uint64_t now_ns);
  /// It has been answered. Before the forest is told.
  void on_served(NodeId server, const Exchange& exchange, std::uint16_t client_port, std::int64_t start_unix_ns, std::int64_t end_unix_ns,
                 std::uint64_t now_ns);
  /// It will not be.
  void on_abandoned(NodeId server) { forest_.let_go(server); }
  /// A process sends a context of a trace that it has not received.
  void on_trace_begun(const ProcessKey& process, const TraceId& trace, std::uint64_t now_ns);
  /// ... because of `server`; surely so.
  void on_sent_because(const TraceId& trace, NodeId server);
  void on_process_over(const ProcessKey& process) { processes_.erase(process); }

  /// `tell` learns of the place in tick().
  void on_reported(ReportedSpan&& span, std::uint64_t now_ns);
  void tick(std::uint64_t now_ns, const std::function<void(const Placement&)>& tell);
  /// Nobody waits any more.
  void flush();

  const Counters& counters() const { return counters_; }

 private:
  struct ServedKey {
    ProcessKey process;
    std::uint16_t client_port;
    std::int64_t start_unix_ns;
    NodeId server;
    auto operator<=>(const ServedKey&) const = default;
  };
  struct Served {
    std::int64_t end_unix_ns = 0;
    std::string method;
    std::size_t path_hash = 0;
    std::uint16_t status = 0;
    TraceId header_trace;  // all zero: the request came without a context
    SpanId header_parent;
    bool claimed = false;
  };
  struct Process {
    std::uint64_t since_ns = 0;
    bool uploads = false;  // to the gateway
  };
  struct Unplaced {
    ReportedSpan span;
    ProcessKey process;
    std::uint64_t reported_ns, until_ns;
  };
  using ServedMap = std::map<ServedKey, Served>;

  Process* watch(const ProcessKey& process, std::uint64_t now_ns);
  bool expects(const ProcessKey& process, std::uint64_t now_ns);
  std::optional<ServedMap::iterator> find(const Unplaced& unplaced);
  ProcessKey uploader_of(const ReportedSpan& span, std::uint64_t reported_ns) const;
  bool fits(const ReportedSpan& span, const ServedKey& key, const Served& served) const;
  std::optional<Placement> place(Unplaced& unplaced);
  std::optional<Placement> place_at(const ReportedSpan& span, ServedMap::iterator served);
  void settle(const Placement& placement);
  void release(const TraceId& trace);
  void forget(std::uint64_t now_ns);

  Forest& forest_;
  Options options_;
  std::unordered_map<ProcessKey, Process> processes_;
  struct Uploader {
    ProcessKey process;
    std::uint64_t since_ns;  // of its uploads from there
  };
  std::unordered_map<std::uint16_t, Uploader> uploaders_;             // by their end's port
  ServedMap served_;
  std::deque<std::pair<std::uint64_t, ServedKey>> served_due_;        // when they are forgotten, in order
  std::deque<std::pair<std::uint64_t, NodeId>> waiting_;              // server spans, by when they are let go
  std::unordered_map<TraceId, NodeId> causes_;                        // requests that made a process send on a trace it began
  std::deque<std::pair<std::uint64_t, TraceId>> causes_due_;
  std::deque<std::pair<std::uint64_t, TraceId>> traces_due_;          // that our spans wait for
  std::deque<Unplaced> unplaced_;
  std::uint64_t now_ns_ = 0;
  Counters counters_;
};

}  // namespace suture

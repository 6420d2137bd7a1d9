#pragma once
// Joiner: from an exchange to a span. Gives each exchange its trace, its id and its parent:
//   - a request's `traceparent` fixes the trace; without one a request that nothing caused starts a trace;
//   - the two ends of one connection, named alike by the handshake's numbers and the request's position, are client and
//     server of one request: the server span is the child of the client span, whatever the headers say;
//   - a server whose client is not seen here is a child of the header's parent; without a header of the client span that
//     another host has told of (RemoteEdges), or a root.
// A server that has no client yet waits a moment for it (the ring's order is inverted once in a thousand on some
// hooks). Which server's request caused a client's is decided elsewhere: link(). All on the capture thread; time is
// event time.

#include <chrono>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/counter.h"
#include "proto/exchange.h"
#include "trace/clock_anchor.h"
#include "trace/formats/propagators.h"
#include "trace/forest.h"
#include "trace/http_rules.h"
#include "trace/http_span.h"
#include "trace/id_source.h"
#include "trace/remote_edges.h"
#include "trace/sdk_watch.h"
#include "trace/span.h"
#include "trace/span_id.h"
#include "trace/span_placer.h"

namespace suture {

/// What the joiner must know of the connection an exchange ran on.
struct ExchangePlace {
  std::uint64_t connection = 0;
  Endpoints endpoints;
  std::uint32_t isn_own = 0, isn_peer = 0;
  bool have_isn = false;
  bool in_doubt = false;  // of a Unix socket it can turn out later that bytes were missed: no more joining, the ids stay
  bool loopback_peer = false;
};

/// What becomes of an exchange's span.
enum class Exclusion : std::uint8_t { None, Filter, Probe, Intake };

/// One begun exchange's place in a trace, kept with its connection until the exchange ends.
struct TracePlace {
  std::uint64_t begin_pos = 0;
  NodeId node = 0;
  Exclusion exclusion = Exclusion::None;
  bool joined = false;  // server: its client was found
  bool has_context = false;  // a sampled one, with a parent: an SDK may report the exchange
  bool may_cross = false;    // the other end may be on another host, where nothing tells it the trace
};

/// How trace context is read, and what is done with it.
struct ContextOptions {
  Propagators propagators = default_propagators();
  std::vector<std::string> baggage = {};  // keys whose values spans carry, "*": all
  bool observe_sdks = false;              // export what SDKs report as well, marked
};

class Joiner {
 public:
  struct Limits {
    std::chrono::nanoseconds settle = std::chrono::milliseconds(100);  // how long a server waits for its client's event
    Forest::Limits forest;
    std::size_t edges = 131'072;          // requests sent whose other end may still be seen; over it the oldest are forgotten
    std::chrono::nanoseconds edge_grace = std::chrono::seconds(2);  // after the client's end: a server may read late
  };

  struct Counters {
    Counter made;               // exchanges that reached the joiner
    Counter dropped_probe;      // health checks
    Counter dropped_intake;     // telemetry on its way to a collector
    Counter dropped_excluded;   // by the process filter
    Counter joined;             // servers whose client is here
    Counter unjoined_local;     // servers with a loopback peer whose client was not seen
    Counter edges_forgotten;    // for want of room
    Counter written;            // requests that left with a context of ours
    Counter written_otherwise;  // of these: links name another cause, or none
  };

  /// All references outlive the joiner.
  Joiner(IdKey key, IdSource& ids, const HttpSpanOptions& http, const ProbeRules& probes, bool keep_probes, bool keep_intake,
         SpanReceiver& receiver);

  /// Only what the traced command's requests lead to is wanted, see Wanted::OnlyJoined.
  void follow_command_only() { forest_.follow_command_only(); }
  void set_anchor(const ClockAnchor& anchor) { anchor_ = anchor; }
  void set_context(const ContextOptions& options) {
    context_ = options;
    if (options.observe_sdks) forest_.observe_sdks();
  }
  /// SDKs export to the gateway, which asks through `reported` (outlives the joiner) where their spans belong.
  void set_gateway(const SpanPlacer::Options& options, ReportedSpans& reported) {
    placer_.set_options(options);
    reported_ = &reported;
  }
  /// The key of ids is shared with other hosts, whose agents speak through `store` (outlives the joiner; may be null).
  void join_other_hosts(EdgeStore* store) { remote_.enable(store); }
  void set_limits(const Limits& limits) {
    limits_ = limits;
    forest_.set_limits(limits.forest);
  }

  /// A request head is complete. `linked`: of one that was sent, link() or unlinked() will tell which request of its
  /// process caused it; else nothing did. `inherited`: of the process's environment, for a request that carries no context;
  /// may be null. `carried`: what the agent of the host that sent the request has told along with it; may be null.
  TracePlace begin(const ExchangePlace& place, Direction direction, const Message& request, const HttpRequest& head, Wanted wanted,
                   bool linked = false, const TraceContext* inherited = nullptr, const EdgeTrace* carried = nullptr);
  /// If nothing above the server's request has a trace, it begins this one: the kernel's programs have decided so.
  void begin_trace(NodeId server, const TraceId& trace, std::uint8_t flags) { forest_.begin_with(server, trace, flags); }
  /// Our programs have written this context onto the wire with a request that has just begun, because of `cause` (0: that is over). So it is,
  /// whatever links will say. `span` not valid: the id of the span stays as it is derived.
  void written(NodeId client, const TraceId& trace, const SpanId& span, std::uint8_t flags, NodeId cause);
  /// `parent` is the cause of `child`; both are nodes of begun exchanges of one process.
  void link(NodeId child, NodeId parent, const LinkFound& found);
  /// `parent` may yet be linked to after its span has left, until let_go().
  void hold(NodeId parent) { forest_.keep(parent); }
  void let_go(NodeId parent) { forest_.release(parent); }
  /// Nothing is known to have caused `child`; `candidate` (0: none) may have.
  void unlinked(NodeId child, NodeId candidate);
  /// The exchange has ended.
  void end(const ExchangePlace& place, TracePlace&& trace, Exchange&& exchange, std::uint64_t now_ns);
  /// The exchange will not end: its edge must not become a parent of nobody.
  void abandon(const ExchangePlace& place, const TracePlace& trace);

  /// The process accepts connections whose requests cannot be read.
  void on_unreadable(const ProcessKey& process) { sdks_.on_unreadable(process); }
  /// It ended, or is another program now.
  void on_process_over(const ProcessKey& process) {
    sdks_.on_process_over(process);
    placer_.on_process_over(process);
  }

  /// Time passes: what has waited long enough leaves.
  void tick(std::uint64_t now_ns);
  /// Everything held leaves now.
  void flush();

  /// What the request of a begun exchange carries, or inherits; nullptr: nothing. Until the next call.
  const TraceContext* header_of(NodeId node) const { return forest_.header_of(node); }
  std::size_t held() const { return forest_.held(); }
  const SpanPlacer::Counters& placer_counters() const { return placer_.counters(); }
  const RemoteEdges& remote_edges() const { return remote_; }
  const Forest::Counters& forest_counters() const { return forest_.counters(); }
  const Counters& counters() const { return counters_; }
  Counters& counters() { return counters_; }

 private:
  struct EdgeKey {
    std::uint32_t isn_sender, isn_receiver;
    std::uint64_t position;
    friend bool operator==(const EdgeKey&, const EdgeKey&) = default;
  };
  struct EdgeHash {
    std::size_t operator()(const EdgeKey& key) const noexcept {
      const std::uint64_t isns = std::uint64_t{key.isn_sender} << 32 | key.isn_receiver;
      return static_cast<std::size_t>((isns ^ (key.position * 0x9e3779b97f4a7c15ull)) * 0xff51afd7ed558ccdull >> 5);
    }
  };
  struct Edge {
    NodeId node;                           // the client
    std::list<EdgeKey>::iterator place{};  // in edge_order_
  };
  struct Unjoined {
    std::uint64_t due_ns;
    EdgeKey key;
    bool local;
    bool may_cross;
    bool proxied;  // its head says that it came through a proxy of layer 7
    std::optional<EdgeTrace> carried;
  };

  /// A request that was sent with a context, and whose cause is not decided yet.
  struct Carrier {
    ProcessKey process;
    NodeId passed;  // 0: the process made the context; else the request that it came with
  };

  void place_server(const ExchangePlace& place, const Message& request, const EdgeKey& key, const TracePlace& trace, bool proxied, const EdgeTrace* carried);
  void place_client(const ExchangePlace& place, const EdgeKey& key, const TracePlace& trace, bool linked);
  void watch_sdks(Direction direction, const Message& request, const TracePlace& trace, bool linked);
  void judge_cause(const Carrier& carrier, NodeId child, NodeId parent, const LinkFound& found);
  bool hang_written(NodeId child, NodeId parent, const LinkFound& found);
  static EdgeKey edge_key(const ExchangePlace& place, Direction direction, std::uint64_t position);
  Exclusion exclusion_of(const HttpRequest& head, Wanted wanted) const;
  bool find_client(const EdgeKey& key, NodeId server);
  void settle(const Unjoined& unjoined);
  void look_at_sent(const EdgeKey& key);
  SpanId span_id(const ExchangePlace& place, Direction direction, std::uint64_t position, SpanKind kind) const;
  void add_edge(const EdgeKey& key, NodeId client);
  void erase_edge(const EdgeKey& key);

  const IdKey key_;
  const HttpSpanOptions& http_;
  const ProbeRules& probes_;
  const bool keep_probes_, keep_intake_;
  ContextOptions context_;
  Limits limits_;
  Forest forest_;
  SdkWatch sdks_{forest_};
  SpanPlacer placer_{forest_};
  RemoteEdges remote_{forest_};
  ReportedSpans* reported_ = nullptr;
  std::unordered_map<NodeId, Carrier> carriers_;             // until their cause is decided
  std::unordered_map<NodeId, NodeId> written_;               // the causes of requests with a context of ours, until links are decided
  ClockAnchor anchor_;
  std::unordered_map<EdgeKey, Edge, EdgeHash> edges_;        // requests sent whose receipt was not seen yet
  std::list<EdgeKey> edge_order_;                            // oldest first
  std::deque<std::pair<std::uint64_t, EdgeKey>> edges_due_;  // ended ones, in order of time
  std::deque<std::pair<std::uint64_t, EdgeKey>> crossing_due_;  // requests sent that may cross hosts, by when that shows
  std::unordered_map<EdgeKey, NodeId, EdgeHash> unjoined_;   // servers that wait for their clients
  std::deque<Unjoined> unjoined_due_;                        // in order of time
  Counters counters_;
};

}  // namespace suture

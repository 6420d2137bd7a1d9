#pragma once
// RemoteEdges: requests whose other end is on another host. Where hosts share the key of ids, both ends of a connection derive the
// id of the client span from the handshake's numbers and the request's position: that is the edge's name, and what is missing to
// join them is the trace. The client's agent tells it to a store, the server's agent asks the store for it, and until the answer
// comes the server span and all below it wait. Where the trace is not known yet, as the client's own host waits in the same way, that
// is told first: who finds nothing at all knows soon that nobody will tell. Without an answer the server span is a root: nothing
// ever names a parent without its trace.
// Where the request carries its trace (a TCP option, wire/trace.h), nobody is asked.
// Capture thread; time is event time.

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/counter.h"
#include "trace/forest.h"

namespace suture {

/// The trace that a request which crosses hosts is in.
struct EdgeTrace {
  TraceId trace;
  std::uint8_t flags = 0;  // W3C
};

/// What became of the traces that were told: told = written + waiting + dropped.
struct EdgeStoreLedger {
  std::uint64_t told = 0, written = 0, waiting = 0, dropped_queue_full = 0, dropped_unreachable = 0;
  std::uint64_t batches = 0, batches_failed = 0;
};

/// Where agents tell each other the traces of edges. In replays there is none. Capture thread.
class EdgeStore {
 public:
  struct Answer {
    SpanId edge;
    std::optional<EdgeTrace> trace;  // nothing: nobody has told it in time,
    bool promised = false;           // though somebody has said that they would
    bool reached = true;             // false: the store itself could not be asked
  };

  virtual ~EdgeStore() = default;
  /// Nothing: the trace will be told later.
  virtual void tell(const SpanId& edge, const std::optional<EdgeTrace>& trace) = 0;
  /// False: there is no room. Else take() has an answer to it some seconds later, once.
  virtual bool ask(const SpanId& edge) = 0;
  /// Those that have come since the last call. Does the work that is due.
  virtual std::vector<Answer> take(std::uint64_t now_ns) = 0;
  /// The end is near: what was told is written, and everything asked is answered by take().
  virtual void finish() = 0;
  virtual EdgeStoreLedger ledger() const = 0;
};

class RemoteEdges {
 public:
  struct Counters {
    Counter sent;          // requests without a context whose receiver is not here
    Counter received;      // requests without a context whose sender is not here = linked + unlinked + waiting
    Counter linked;        // their server spans hang under the client span of another host
    Counter no_store;      // not linked, because there is no store,
    Counter not_found;     // nobody told their trace in time,
    Counter proxied;       // the same, and they say that they came through a proxy of layer 7, which ends connections,
    Counter unreachable;   // the store could not be asked,
    Counter no_room;       // too many were waiting,
    Counter late;          // or the span had left when the answer came
  };

  /// `forest` outlives this.
  explicit RemoteEdges(Forest& forest) : forest_(forest) {}

  /// Hosts share the key of ids; `store` (outlives this) may be null. Before that nothing is done.
  void enable(EdgeStore* store);
  bool enabled() const { return enabled_; }

  /// A request was sent, and nobody here has received it. `edge`: the id of its span.
  void on_sent(NodeId client, const SpanId& edge);
  /// A request was received, and nobody here has sent it; undecided until now. `edge`: the id of the client span. `proxied`: it
  /// came through a proxy, as its head says.
  void on_received(NodeId server, const SpanId& edge, bool proxied);

  /// The same, and its trace came with it. Also where nothing is enabled.
  void on_carried(NodeId server, const SpanId& edge, const EdgeTrace& trace);

  void tick(std::uint64_t now_ns);
  /// What can be told is told; nobody waits any more.
  void flush();

  /// Server spans that wait for an answer.
  std::size_t waiting() const { return asked_.size(); }
  /// Nothing: there is no store.
  std::optional<EdgeStoreLedger> store_ledger() const { return store_ ? std::optional(store_->ledger()) : std::nullopt; }
  const Counters& counters() const { return counters_; }

 private:
  struct SpanIdHash {
    std::size_t operator()(const SpanId& id) const noexcept;
  };

  struct Asked {
    NodeId server;
    bool proxied;
  };

  void tell_known();
  void take_answers(std::uint64_t now_ns);
  void settle(const EdgeStore::Answer& answer, const Asked& asked);

  Forest& forest_;
  EdgeStore* store_ = nullptr;
  bool enabled_ = false;
  std::vector<NodeId> untold_;                             // clients whose trace was not known yet, or not its place
  std::unordered_map<SpanId, Asked, SpanIdHash> asked_;    // by edge
  std::uint64_t now_ns_ = 0;
  Counters counters_;
};

}  // namespace suture

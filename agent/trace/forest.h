#pragma once
// Forest: exchanges that have begun, as trees. A node is one exchange of one process; it hangs under another by a
// connection (a server under its client) or by a link (a client under the server request that caused it), or stands
// alone. Its trace is that of the tree's root, so a span leaves when its exchange has ended and all above it are decided.
// What waits longer than it may leaves as the root of its own tree, and is counted. Capture thread; time is event time.

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/counter.h"
#include "trace/id_source.h"
#include "trace/span.h"
#include "trace/span_receiver.h"
#include "trace/trace_context.h"

namespace suture {

/// Names an exchange from its beginning until its span has left. Never reused; 0 = none.
using NodeId = std::uint64_t;

/// Whether a process's exchanges are wanted.
enum class Wanted : std::uint8_t {
  Yes,
  No,          // the process filter excludes it
  OnlyJoined,  // outside of the command that is traced: only what that command's requests led to
};

/// How a span's parent was found; `method` is the value of suture.link.method, a literal.
struct LinkFound {
  std::string_view method;
  double confidence = 1.0;
  bool audited = true;  // false: nothing has confirmed the method in this process yet
};

class Forest {
 public:
  struct Limits {
    std::chrono::nanoseconds hold = std::chrono::seconds(5);  // how long an ended exchange waits for those above it
    std::size_t held_bytes = 16u << 20;                       // of spans that wait; over it the oldest leave first
  };
  struct Counters {
    Counter hold_expired;     // trees cut because a span had waited as long as it may
    Counter released_early;   // trees cut because held bytes ran out
    Counter late_links;       // found after the span had left: a span link was sent instead
    Counter dropped_outside;  // not caused by the command that `suture run -- CMD` traces
    Counter dropped_sdk_client, dropped_sdk_server;  // reported by an SDK inside the process
  };

  /// Both outlive the forest.
  Forest(IdSource& ids, SpanReceiver& receiver) : ids_(ids), receiver_(receiver) {}

  void set_limits(const Limits& limits) { limits_ = limits; }
  /// Only what the traced command's requests lead to is wanted, see Wanted::OnlyJoined.
  void follow_command_only() { command_only_ = true; }
  /// What an SDK reports is reported here too, marked: a client span as the child of the SDK's.
  void observe_sdks() { observe_ = true; }

  /// An exchange has begun, with a request that carries a context or none: the others that it carries become span links.
  /// A `hidden` one is never exported nor anyone's parent.
  NodeId add(const SpanId& span, Wanted wanted, bool hidden, CarriedContext&& carried);
  /// It will be asked for again after its span has left, until release().
  void keep(NodeId node);
  void release(NodeId node);

  /// Decides the node's parent. A header that names another trace than the parent's outweighs a link.
  void hang(NodeId node, NodeId parent, const LinkFound& link);
  /// If the node, or what it hangs under, begins a trace, then this one.
  void begin_with(NodeId node, const TraceId& trace, std::uint8_t flags);
  /// The request left with this trace and this id of its span (not valid: with its own) on the wire, written by us: so it is, wherever a
  /// link may point.
  void written(NodeId client, const TraceId& trace, const SpanId& span, std::uint8_t flags);
  /// The node hangs under what its header names, or is a root.
  void stand_alone(NodeId node);
  bool decided(NodeId node) const;

  // What agents of other hosts have to do with an exchange.

  /// The name of the connection's other end, which the span carries where it becomes a root.
  void name_edge(NodeId server, const SpanId& edge);
  /// The node hangs under a span of another host. False: that comes too late.
  bool hang_under_remote(NodeId server, TraceContext&& above);
  /// take_announced() is to have it once its trace is known.
  void announce(NodeId client);
  std::vector<NodeId> take_announced() { return std::exchange(announced_, {}); }
  /// Its exchange has not ended.
  bool is_open(NodeId node) const;

  // What an SDK inside the process has to do with an exchange. A span that is withdrawn is not exported; what hangs under it hangs
  // under the SDK's span, or where that is not known under the one above it.

  /// The context that the request carries names a client span of the SDK. `surely` not: ours is exported as a child of that.
  /// Decides the parent.
  void sdk_sent(NodeId client, bool surely);
  /// Whether the SDK reports this server span is about to be known: it waits, and so does what names it as its parent.
  void suspend(NodeId server);
  void let_go(NodeId server);
  void withdraw(NodeId server);
  /// The same if it is, or turns out to be, the root of a trace that we began.
  void withdraw_root(NodeId server);
  /// The context that the request itself came with, or nullptr. Until the next call.
  const TraceContext* header_of(NodeId node) const;

  // What an SDK's spans that pass the gateway have to do with ours.

  /// Where a node is in its trace, once that is known and placed.
  struct Place {
    TraceId trace;
    SpanId parent, span;
    std::uint8_t flags;
  };
  std::optional<Place> place_of(NodeId node) const;
  /// Its trace is known, and held.
  bool awaits_place(NodeId node) const;
  /// An SDK's span is exported in place of this server span. False: this one has left, or what names it has.
  bool withdraw_for(NodeId server);
  /// False: it has left.
  bool add_link(NodeId node, const TraceId& trace, const SpanId& span, std::string_view method);
  /// Which trace an SDK's trace belongs to is about to be known: our spans in it wait. False: no more may wait.
  bool hold_trace(const TraceId& trace);
  bool holds_trace(const TraceId& trace) const { return held_traces_.contains(trace); }
  /// Our spans of `trace` that leave from now on are in `to`, which may be the same.
  void place_trace(const TraceId& trace, const TraceId& to, std::uint8_t flags);
  bool trace_is_placed(const TraceId& trace) const { return moved_.contains(trace); }

  /// The exchange has ended: `span` is complete but for ids, parent and links.
  void end(NodeId node, Span&& span, std::uint64_t now_ns);
  /// The exchange will not end, or its span is not wanted.
  void drop(NodeId node);
  /// Another span that may be this one's parent, not surely enough: it leaves with a span link to that.
  void suggest(NodeId node, NodeId candidate);

  void tick(std::uint64_t now_ns);
  /// Everything held leaves now.
  void flush();

  /// Spans of ended exchanges that have not left.
  std::size_t held() const { return held_; }
  const Counters& counters() const { return counters_; }

 private:
  struct Node {
    NodeId id = 0;  // 0: free
    SpanId span_id;
    SpanId edge;                   // see name_edge()
    NodeId parent = 0;
    std::vector<NodeId> children;  // that wait for this one's trace
    std::optional<TraceContext> header;
    std::string_view header_method;
    std::optional<TraceContext> begins;  // what a trace that it begins is
    bool fixed = false;            // it is in that trace, see written()
    TraceContext context;          // once known
    LinkFound link;
    std::optional<Span> span;      // ended, and not left
    NodeId candidate = 0;          // see suggest()
    std::vector<SpanLink> links;
    std::size_t weight = 0;
    std::uint32_t keepers = 0;
    std::uint32_t open_children = 0;  // known ones whose span has not left
    Wanted wanted = Wanted::Yes;
    bool hidden = false;
    bool decided = false;
    bool known = false;            // its trace
    bool done = false;             // its span has left, or will not come
    bool pending = false;          // see suspend()
    bool withdrawn = false;        // a server span that is left to the SDK
    bool withdraw_root = false;
    bool sdks = false;             // a client whose id is that of the SDK's span
    bool apart = false;            // a client that hangs under the SDK's span, wherever a link may point
    bool under_sdks = false;       // the parent is such a client
    bool observed = false;         // an SDK reports it too
    bool counted_out = false;      // of its parent's open_children
    bool named = false;            // a span that left has it as its parent
    bool begun_elsewhere = false;  // the trace was not begun for a node of this forest
    bool told = false;             // the header is what another agent said, and was not on the wire
    bool announce = false;         // see announce()
    bool released = false;         // leaves, whatever its trace turns out to belong to
  };
  struct Moved {
    TraceId to;
    std::uint8_t flags = 0;
  };

  Node* find(NodeId id);
  const Node* find(NodeId id) const;
  static bool link_to(const Node& other, std::string_view method, std::vector<SpanLink>& links);
  bool visible(const Node& node) const;
  void resolve(Node& node);
  void take_header_or_begin(Node& node);
  void raise_begins(const Node& node);
  void leave(Node& node);
  bool awaits_parent(const Node& node) const;
  bool may_leave(Node& node);
  void move_to_placed(Span& span) const;
  void leave_or_wait(Node& node);
  void drop_as_sdks(Node& node, SpanKind kind);
  void over(Node& node);
  void release_held(NodeId id);
  void free_if_over(Node& node);
  void cut_above(NodeId id);

  IdSource& ids_;
  SpanReceiver& receiver_;
  Limits limits_;
  std::deque<Node> nodes_;           // by the low half of an id; stable addresses
  std::vector<std::uint32_t> free_;
  std::uint32_t generation_ = 0;
  std::deque<std::pair<std::uint64_t, NodeId>> ended_;  // when the wait is over, in order
  std::unordered_set<TraceId> scope_;                   // traces of the traced command, when there is one
  std::unordered_map<TraceId, std::vector<NodeId>> held_traces_;  // with the nodes that wait for each
  std::unordered_map<TraceId, Moved> moved_;            // SDKs' traces, by where they belong
  std::deque<TraceId> moved_order_;                     // oldest first
  std::vector<NodeId> announced_;
  std::size_t held_ = 0, held_bytes_ = 0;
  bool command_only_ = false;
  bool observe_ = false;
  Counters counters_;
};

}  // namespace suture

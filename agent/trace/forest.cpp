#include "trace/forest.h"

#include <utility>

#include "trace/attribute_key.h"

namespace suture {
namespace {

constexpr std::size_t kMaxScopeTraces = 65'536;  // of one command; over it the memory of older ones is given up, all at once
constexpr std::size_t kMaxPlacedTraces = 65'536; // of SDKs, whose place is remembered; minutes of a busy host
constexpr std::size_t kMaxSpanLinks = 128;       // the default of OpenTelemetry's SpanLimits (trace/sdk.md)

TraceContext begin_trace(IdSource& ids) { return join_or_start_trace(std::nullopt, ids); }

}  // namespace

Forest::Node* Forest::find(NodeId id) {
  const auto index = static_cast<std::uint32_t>(id);
  return id != 0 && index < nodes_.size() && nodes_[index].id == id ? &nodes_[index] : nullptr;
}

const Forest::Node* Forest::find(NodeId id) const { return const_cast<Forest*>(this)->find(id); }

NodeId Forest::add(const SpanId& span, Wanted wanted, bool hidden, CarriedContext&& carried) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(nodes_.size()));
    nodes_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Node& node = nodes_[index];
  node.id = NodeId{++generation_} << 32 | index;
  node.span_id = span;
  node.wanted = wanted;
  node.hidden = hidden;
  node.header = std::move(carried.context);
  node.header_method = carried.method;
  for (TraceContext& other : carried.others)
    if (other.parent.valid()) node.links.push_back({other.trace_id, other.parent, std::move(other.trace_state), other.flags, carried.method});
  return node.id;
}

void Forest::keep(NodeId id) {
  if (Node* node = find(id)) ++node->keepers;
}

void Forest::release(NodeId id) {
  Node* node = find(id);
  if (node == nullptr || node->keepers == 0) return;
  --node->keepers;
  free_if_over(*node);
}

bool Forest::decided(NodeId id) const {
  const Node* node = find(id);
  return node == nullptr || node->decided;
}

void Forest::hang(NodeId id, NodeId parent_id, const LinkFound& link) {
  Node* node = find(id);
  Node* parent = find(parent_id);
  if (node == nullptr) return;
  if (parent == nullptr) return stand_alone(id);
  if (node->apart) {  // its place is the SDK's to say; where that is in another trace, a span link leads there
    const TraceId& trace = parent->known || !parent->header ? parent->context.trace_id : parent->header->trace_id;
    if (trace != node->context.trace_id && !parent->done && !parent->hidden && !node->hidden) link_to(*node, link.method, parent->links);
    return;
  }
  if (node->decided) {  // too late for a parent: the parent's span says it, if it has not left
    if (!node->known || !visible(*node) || parent->done || !visible(*parent)) return;
    if (link_to(*node, "late", parent->links)) counters_.late_links.add();
    return;
  }
  node->decided = true;
  node->link = link;
  node->parent = parent_id;
  if (parent->known) return resolve(*node);
  parent->children.push_back(id);
  if (node->begins && !node->fixed) raise_begins(*node);
}

void Forest::begin_with(NodeId id, const TraceId& trace, std::uint8_t flags) {
  Node* node = find(id);
  if (node == nullptr || node->known) return;
  node->begins = TraceContext{trace, {}, flags, {}};
  raise_begins(*node);
}

/// The topmost one above it decides which trace they are all in.
void Forest::raise_begins(const Node& node) {
  Node* top = find(node.parent);
  if (top == nullptr) return;
  for (Node* above = find(top->parent); above != nullptr; above = find(top->parent)) top = above;
  if (!top->begins) top->begins = node.begins;
}

void Forest::written(NodeId id, const TraceId& trace, const SpanId& span, std::uint8_t flags) {
  Node* node = find(id);
  if (node == nullptr || node->known) return;
  if (span.valid()) node->span_id = span;
  node->begins = TraceContext{trace, {}, flags, {}};
  node->fixed = true;
}

void Forest::stand_alone(NodeId id) {
  Node* node = find(id);
  if (node == nullptr || node->decided) return;
  node->decided = true;
  node->parent = 0;
  resolve(*node);
}

void Forest::name_edge(NodeId id, const SpanId& edge) {
  if (Node* node = find(id)) node->edge = edge;
}

bool Forest::hang_under_remote(NodeId id, TraceContext&& above) {
  Node* node = find(id);
  if (node == nullptr || node->decided) return false;
  node->header = std::move(above);
  node->header_method = "connection";
  node->told = true;
  stand_alone(id);
  return true;
}

void Forest::announce(NodeId id) {
  Node* node = find(id);
  if (node == nullptr) return;
  if (node->known) announced_.push_back(id);
  else node->announce = true;
}

bool Forest::is_open(NodeId id) const {
  const Node* node = find(id);
  return node != nullptr && !node->done && !node->span;
}

/// False: there are as many as a span may have.
bool Forest::link_to(const Node& other, std::string_view method, std::vector<SpanLink>& links) {
  if (links.size() >= kMaxSpanLinks) return false;
  links.push_back({other.context.trace_id, other.span_id, other.context.trace_state, other.context.flags, method});
  return true;
}

bool Forest::visible(const Node& node) const {
  return !node.hidden && (node.wanted != Wanted::OnlyJoined || scope_.contains(node.context.trace_id));
}

void Forest::take_header_or_begin(Node& node) {
  if (node.hidden) return;
  node.link = {node.header_method, 1.0};
  node.begun_elsewhere = node.header && node.header->parent.valid();
  node.context = node.header && !node.fixed ? std::move(*node.header) : node.begins ? std::move(*node.begins) : begin_trace(ids_);
}

/// All above the node is known; so is the node now, and what waits for it.
void Forest::resolve(Node& node) {
  const Node* parent = find(node.parent);
  const bool under = parent != nullptr && parent->known && visible(*parent) &&
                     !(node.header && node.header->trace_id != parent->context.trace_id) &&
                     !(node.fixed && node.begins->trace_id != parent->context.trace_id);
  if (under) {
    node.context = parent->context;
    node.context.parent = parent->span_id;
    node.under_sdks = parent->sdks;
    node.begun_elsewhere = parent->begun_elsewhere;
    if (node.header) node.context.trace_state = std::move(node.header->trace_state);
  } else {
    if (node.fixed) node.candidate = node.parent;  // a span link, where a parent is in another trace
    node.parent = 0;
    take_header_or_begin(node);
  }
  node.known = true;
  if (node.announce) announced_.push_back(node.id);
  if (Node* above = find(node.parent)) {
    ++above->open_children;
    if (above->pending) above->children.push_back(node.id);
  }
  if (command_only_ && node.wanted == Wanted::Yes && !node.hidden) {
    if (scope_.size() >= kMaxScopeTraces) scope_.clear();
    scope_.insert(node.context.trace_id);
  }
  const std::vector<NodeId> children = std::exchange(node.children, {});
  for (NodeId id : children)
    if (Node* child = find(id)) resolve(*child);
  if (node.withdraw_root && node.parent == 0 && !node.header && !node.done) return withdraw(node.id);
  if (node.span) leave_or_wait(node);
  else if (node.done) over(node);
}

bool Forest::awaits_parent(const Node& node) const {
  const Node* parent = find(node.parent);
  return parent != nullptr && parent->pending;
}

/// Its parent's id, its trace, and whether it is exported at all, are settled.
bool Forest::may_leave(Node& node) {
  if (!node.known || node.pending || awaits_parent(node)) return false;
  const auto held = held_traces_.find(node.context.trace_id);
  if (held == held_traces_.end() || node.released) return true;
  held->second.push_back(node.id);
  return false;
}

void Forest::leave_or_wait(Node& node) {
  if (may_leave(node)) leave(node);
}

void Forest::end(NodeId id, Span&& span, std::uint64_t now_ns) {
  Node* node = find(id);
  if (node == nullptr || node->done) return;
  if (node->sdks || node->withdrawn) return drop_as_sdks(*node, span.kind);
  node->weight = sizeof(Node) + span.weight_bytes();
  node->span.emplace(std::move(span));
  ++held_;
  held_bytes_ += node->weight;
  if (may_leave(*node)) return leave(*node);
  if (node->known && awaits_parent(*node)) find(node->parent)->children.push_back(id);  // which may have been let wait after this one was resolved
  ended_.emplace_back(now_ns + static_cast<std::uint64_t>(limits_.hold.count()), id);
  while (held_bytes_ > limits_.held_bytes && held_ > 1 && !ended_.empty()) {
    const NodeId oldest = ended_.front().second;
    ended_.pop_front();
    const Node* waiting = find(oldest);
    if (waiting == nullptr || !waiting->span) continue;
    counters_.released_early.add();
    release_held(oldest);
  }
}

/// Makes the node's trace known by deciding what is undecided above it.
void Forest::cut_above(NodeId id) {
  for (Node* node = find(id); node != nullptr && !node->known; node = find(id)) {
    Node* top = node;
    for (Node* above = find(top->parent); top->decided && above != nullptr; above = find(top->parent)) top = above;
    top->decided = true;
    top->parent = 0;
    resolve(*top);
  }
}

/// It leaves now, whatever is not known.
void Forest::release_held(NodeId id) {
  cut_above(id);
  if (Node* node = find(id)) node->released = true;
  if (const Node* node = find(id)) let_go(node->parent);
  let_go(id);
  if (Node* node = find(id); node != nullptr && node->span) leave_or_wait(*node);
}

void Forest::leave(Node& node) {
  Span span = std::move(*node.span);
  node.span.reset();
  --held_;
  held_bytes_ -= node.weight;
  node.done = true;
  if (!visible(node)) {
    counters_.dropped_outside.add();
    return over(node);
  }
  span.trace_id = node.context.trace_id;
  span.span_id = node.span_id;
  Node* const parent = find(node.parent);
  const bool above = parent != nullptr && parent->withdrawn;
  if (parent != nullptr && !above) parent->named = true;
  span.parent_id = above ? parent->context.parent : node.context.parent;
  span.trace_flags = node.context.flags;
  span.trace_state = node.keepers ? node.context.trace_state : std::move(node.context.trace_state);
  span.parent_is_remote = span.parent_id.valid() && (node.parent == 0 || node.under_sdks || above);
  span.begun_elsewhere = node.begun_elsewhere;
  span.links = std::move(node.links);
  if (const Node* other = find(node.candidate); other != nullptr && other->known && visible(*other)) link_to(*other, "candidate", span.links);
  if (span.parent_id.valid()) {
    span.attributes.add(AttributeKey::SutureLinkMethod, node.link.method);
    span.attributes.add(AttributeKey::SutureLinkConfidence, node.link.confidence);
    if (!node.link.audited) span.attributes.add(AttributeKey::SutureLinkUnaudited, true);
  }
  if (node.edge.valid() && !span.parent_id.valid()) span.attributes.add(AttributeKey::SutureEdgeId, to_hex(node.edge));
  if (node.observed) span.attributes.add(AttributeKey::SutureObserved, true);
  if (!moved_.empty()) move_to_placed(span);
  over(node);
  receiver_.on_span(std::move(span));
}

void Forest::move_to_placed(Span& span) const {
  const auto move = [this](TraceId& trace, std::uint8_t& flags) {
    const auto moved = moved_.find(trace);
    if (moved == moved_.end()) return;
    trace = moved->second.to;
    flags = static_cast<std::uint8_t>(flags | (moved->second.flags & kTraceFlagSampled));
  };
  move(span.trace_id, span.trace_flags);
  for (SpanLink& link : span.links) move(link.trace_id, link.flags);
}

void Forest::drop(NodeId id) {
  Node* node = find(id);
  if (node == nullptr || node->done) return;
  node->done = true;
  node->hidden = true;
  node->decided = true;
  if (!node->known) resolve(*node);
  else over(*node);
}

/// A known node's span has left, or will not come.
void Forest::over(Node& node) {
  Node* const parent = find(node.parent);
  if (parent != nullptr && parent->open_children > 0 && !std::exchange(node.counted_out, true)) {
    --parent->open_children;
    free_if_over(*parent);
  }
  free_if_over(node);
}

const TraceContext* Forest::header_of(NodeId id) const {
  const Node* node = find(id);
  return node != nullptr && node->header && !node->told ? &*node->header : nullptr;
}

void Forest::sdk_sent(NodeId id, bool surely) {
  Node* node = find(id);
  if (node == nullptr || !node->header) return;
  node->apart = true;
  node->sdks = surely && !observe_;
  node->observed = !node->sdks;
  if (node->sdks) node->span_id = node->header->parent;
  stand_alone(id);
}

void Forest::suspend(NodeId id) {
  if (Node* node = find(id)) node->pending = !node->done;
}

void Forest::let_go(NodeId id) {
  Node* node = find(id);
  if (node == nullptr || !node->pending) return;
  node->pending = false;
  // Of an unknown node the children wait for more than this.
  const std::vector<NodeId> children = node->known ? std::exchange(node->children, {}) : std::vector<NodeId>();
  for (NodeId child_id : children)
    if (Node* child = find(child_id); child != nullptr && child->span) leave_or_wait(*child);
  node = find(id);
  if (node != nullptr && node->span) leave_or_wait(*node);
}

void Forest::withdraw(NodeId id) {
  Node* node = find(id);
  if (node == nullptr || node->done || node->withdrawn || node->hidden) return;
  node->observed = observe_ || node->named;
  node->withdrawn = !node->observed;
  const bool ended = node->withdrawn && node->span;
  if (ended) {
    --held_;
    held_bytes_ -= node->weight;
    node->span.reset();
  }
  let_go(id);  // what hangs under it; it stays itself, as it is not done
  if (ended) drop_as_sdks(*node, SpanKind::Server);
}

void Forest::withdraw_root(NodeId id) {
  Node* node = find(id);
  if (node == nullptr) return;
  if (!node->known) node->withdraw_root = true;
  else if (node->parent == 0 && !node->header) withdraw(id);
}

bool Forest::awaits_place(NodeId id) const {
  const Node* node = find(id);
  return node != nullptr && node->known && holds_trace(node->context.trace_id);
}

std::optional<Forest::Place> Forest::place_of(NodeId id) const {
  const Node* node = find(id);
  if (node == nullptr || !node->known || !visible(*node) || awaits_place(id)) return std::nullopt;
  const auto moved = moved_.find(node->context.trace_id);
  const TraceId& trace = moved == moved_.end() ? node->context.trace_id : moved->second.to;
  return Place{trace, node->context.parent, node->span_id, node->context.flags};
}

bool Forest::withdraw_for(NodeId id) {
  withdraw(id);
  const Node* node = find(id);
  return node != nullptr && node->withdrawn;
}

bool Forest::add_link(NodeId id, const TraceId& trace, const SpanId& span, std::string_view method) {
  Node* node = find(id);
  if (node == nullptr || node->done || node->links.size() >= kMaxSpanLinks) return false;
  node->links.push_back({trace, span, {}, kTraceFlagSampled, method});
  return true;
}

bool Forest::hold_trace(const TraceId& trace) {
  return held_traces_.size() < kMaxPlacedTraces && held_traces_.try_emplace(trace).second;
}

void Forest::place_trace(const TraceId& trace, const TraceId& to, std::uint8_t flags) {
  if (moved_.insert_or_assign(trace, Moved{to, flags}).second) moved_order_.push_back(trace);
  if (moved_order_.size() > kMaxPlacedTraces) {
    moved_.erase(moved_order_.front());
    moved_order_.pop_front();
  }
  auto held = held_traces_.extract(trace);
  if (held.empty()) return;
  for (NodeId id : held.mapped())
    if (Node* node = find(id); node != nullptr && node->span) leave_or_wait(*node);
}

void Forest::drop_as_sdks(Node& node, SpanKind kind) {
  (kind == SpanKind::Client ? counters_.dropped_sdk_client : counters_.dropped_sdk_server).add();
  node.done = true;
  if (node.known) over(node);
}

void Forest::suggest(NodeId id, NodeId candidate) {
  Node* node = find(id);
  if (node != nullptr && !node->done) node->candidate = candidate;
}

void Forest::free_if_over(Node& node) {
  if (!node.done || !node.known || node.keepers != 0) return;
  if (node.withdrawn && node.open_children > 0) return;  // they are still to learn what they hang under
  const auto index = static_cast<std::uint32_t>(node.id);
  node = Node{};
  free_.push_back(index);
}

void Forest::tick(std::uint64_t now_ns) {
  while (!ended_.empty() && ended_.front().first <= now_ns) {
    const NodeId id = ended_.front().second;
    ended_.pop_front();
    const Node* node = find(id);
    if (node == nullptr || !node->span || node->pending || awaits_place(id)) continue;  // let go in due time
    counters_.hold_expired.add();
    release_held(id);
  }
}

void Forest::flush() {
  while (!ended_.empty()) {
    const NodeId id = ended_.front().second;
    ended_.pop_front();
    release_held(id);
  }
}

}  // namespace suture

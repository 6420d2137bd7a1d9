#include "trace/forest.h"

#include <utility>

#include "trace/attribute_key.h"

namespace suture {
namespace {

constexpr std::size_t kMaxScopeTraces = 65'536;  // of one command; over it the memory of older ones is given up, all at once
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
}

void Forest::stand_alone(NodeId id) {
  Node* node = find(id);
  if (node == nullptr || node->decided) return;
  node->decided = true;
  node->parent = 0;
  resolve(*node);
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
  node.context = node.header ? std::move(*node.header) : begin_trace(ids_);
}

/// All above the node is known; so is the node now, and what waits for it.
void Forest::resolve(Node& node) {
  const Node* parent = find(node.parent);
  const bool under = parent != nullptr && parent->known && visible(*parent) &&
                     !(node.header && node.header->trace_id != parent->context.trace_id);
  if (under) {
    node.context = parent->context;
    node.context.parent = parent->span_id;
    if (node.header) node.context.trace_state = std::move(node.header->trace_state);
  } else {
    node.parent = 0;
    take_header_or_begin(node);
  }
  node.known = true;
  if (command_only_ && node.wanted == Wanted::Yes && !node.hidden) {
    if (scope_.size() >= kMaxScopeTraces) scope_.clear();
    scope_.insert(node.context.trace_id);
  }
  const std::vector<NodeId> children = std::exchange(node.children, {});
  for (NodeId id : children)
    if (Node* child = find(id)) resolve(*child);
  if (node.span) leave(node);
  else free_if_over(node);
}

void Forest::end(NodeId id, Span&& span, std::uint64_t now_ns) {
  Node* node = find(id);
  if (node == nullptr || node->done) return;
  node->weight = sizeof(Node) + span.weight_bytes();
  node->span.emplace(std::move(span));
  ++held_;
  held_bytes_ += node->weight;
  if (node->known) return leave(*node);
  ended_.emplace_back(now_ns + static_cast<std::uint64_t>(limits_.hold.count()), id);
  while (held_bytes_ > limits_.held_bytes && held_ > 1 && !ended_.empty()) {
    const NodeId oldest = ended_.front().second;
    ended_.pop_front();
    const Node* waiting = find(oldest);
    if (waiting == nullptr || !waiting->span) continue;
    counters_.released_early.add();
    cut_above(oldest);
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

void Forest::leave(Node& node) {
  Span span = std::move(*node.span);
  node.span.reset();
  --held_;
  held_bytes_ -= node.weight;
  node.done = true;
  if (!visible(node)) {
    counters_.dropped_outside.add();
    return free_if_over(node);
  }
  span.trace_id = node.context.trace_id;
  span.span_id = node.span_id;
  span.parent_id = node.context.parent;
  span.trace_flags = node.context.flags;
  span.trace_state = node.keepers ? node.context.trace_state : std::move(node.context.trace_state);
  span.parent_is_remote = span.parent_id.valid() && node.parent == 0;
  span.links = std::move(node.links);
  if (const Node* other = find(node.candidate); other != nullptr && other->known && visible(*other)) link_to(*other, "candidate", span.links);
  if (span.parent_id.valid()) {
    span.attributes.add(AttributeKey::SutureLinkMethod, node.link.method);
    span.attributes.add(AttributeKey::SutureLinkConfidence, node.link.confidence);
    if (!node.link.audited) span.attributes.add(AttributeKey::SutureLinkUnaudited, true);
  }
  free_if_over(node);
  receiver_.on_span(std::move(span));
}

void Forest::drop(NodeId id) {
  Node* node = find(id);
  if (node == nullptr || node->done) return;
  node->done = true;
  node->hidden = true;
  node->decided = true;
  if (!node->known) resolve(*node);
  else free_if_over(*node);
}

void Forest::suggest(NodeId id, NodeId candidate) {
  Node* node = find(id);
  if (node != nullptr && !node->done) node->candidate = candidate;
}

void Forest::free_if_over(Node& node) {
  if (!node.done || !node.known || node.keepers != 0) return;
  const auto index = static_cast<std::uint32_t>(node.id);
  node = Node{};
  free_.push_back(index);
}

void Forest::tick(std::uint64_t now_ns) {
  while (!ended_.empty() && ended_.front().first <= now_ns) {
    const NodeId id = ended_.front().second;
    ended_.pop_front();
    const Node* node = find(id);
    if (node == nullptr || !node->span) continue;
    counters_.hold_expired.add();
    cut_above(id);
  }
}

void Forest::flush() {
  while (!ended_.empty()) {
    const NodeId id = ended_.front().second;
    ended_.pop_front();
    cut_above(id);
  }
}

}  // namespace suture

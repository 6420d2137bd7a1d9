#include "metrics/service_graph.h"

#include <cstring>
#include <utility>

#include "metrics/instruments.h"

namespace suture {
namespace {

constexpr std::string_view kUser = "user";
constexpr std::string_view kVirtualNode = "virtual_node";
constexpr std::size_t kDuesPerHalf = 8;  // of pairs that were found the due times stay; 16 bytes each

std::string_view server_address_of(const Span& span) {
  const AttributeList::Entry* entry = span.attributes.find(AttributeKey::ServerAddress);
  return entry != nullptr && entry->type == AttributeList::Entry::Type::Text ? span.attributes.text(*entry) : std::string_view();
}

}  // namespace

// Span ids are random, or keyed hashes.
std::size_t ServiceGraph::Hash::operator()(const SpanId& id) const noexcept {
  std::uint64_t bits = 0;
  std::memcpy(&bits, id.bytes.data(), sizeof(bits));
  return static_cast<std::size_t>(bits);
}

void ServiceGraph::add(const Span& span, std::string_view service, std::uint64_t now_ns) {
  if (span.kind != SpanKind::Client && span.kind != SpanKind::Server) return;
  Half half{span.kind, span.status == SpanStatus::Error, seconds_of(span), std::string(service), {}};
  const bool is_client = span.kind == SpanKind::Client;
  if (!is_client && !span.parent_id.valid()) return count(kUser, service, nullptr, &half);
  if (!is_client && span.parent_is_remote) return count_unpaired({}, service);  // the agent of the client's host counts it

  const SpanId& client = is_client ? span.span_id : span.parent_id;
  const auto other = halves_.find(client);
  if (other == halves_.end() || other->second.kind == span.kind) {
    if (is_client) half.peer = server_address_of(span);
    return wait_for_other(client, std::move(half), now_ns);
  }
  if (is_client) count(service, other->second.service, &half, &other->second);
  else count(other->second.service, service, &other->second, &half);
  halves_.erase(other);
}

void ServiceGraph::wait_for_other(const SpanId& client, Half&& half, std::uint64_t now_ns) {
  halves_.insert_or_assign(client, std::move(half));
  due_.push_back({now_ns + limits_.wait_ns, client});
  while (halves_.size() > limits_.waiting || due_.size() > kDuesPerHalf * limits_.waiting) give_up_first();
}

void ServiceGraph::tick(std::uint64_t now_ns) {
  while (!due_.empty() && due_.front().time_ns <= now_ns) give_up_first();
}

/// What has waited longest, if its other end has not come.
void ServiceGraph::give_up_first() {
  const auto half = halves_.find(due_.front().client);
  due_.pop_front();
  if (half == halves_.end()) return;
  give_up(half->second);
  halves_.erase(half);
}

void ServiceGraph::give_up(const Half& half) {
  if (half.kind == SpanKind::Server) return count_unpaired({}, half.service);
  if (half.peer.empty()) return count_unpaired(half.service, {});
  count(half.service, half.peer, &half, nullptr);
}

void ServiceGraph::count(std::string_view client_name, std::string_view server_name, const Half* client, const Half* server) {
  labels_.clear();
  labels_.add(LabelKey::Client, client_name);
  labels_.add(LabelKey::Server, server_name);
  if (client == nullptr || server == nullptr) labels_.add(LabelKey::ConnectionType, kVirtualNode);
  Edge& edge = edges_.at(labels_);
  ++edge.requests;
  edge.failed += (client != nullptr && client->failed) || (server != nullptr && server->failed);
  if (client != nullptr) edge.client.add(kSeconds, client->seconds);
  if (server != nullptr) edge.server.add(kSeconds, server->seconds);
}

void ServiceGraph::count_unpaired(std::string_view client_name, std::string_view server_name) {
  labels_.clear();
  labels_.add(LabelKey::Client, client_name);
  labels_.add(LabelKey::Server, server_name);
  ++unpaired_.at(labels_);
}

void ServiceGraph::append_to(MetricGroup& group) const {
  for (const auto& [labels, edge] : edges_.all()) {
    group.family(instruments::kEdgeRequests).points.push_back({labels, start_unix_ns_, edge.requests});
    group.family(instruments::kEdgeFailed).points.push_back({labels, start_unix_ns_, edge.failed});
    group.family(instruments::kEdgeServer).points.push_back({labels, start_unix_ns_, HistogramPoint{edge.server, {}}});
    group.family(instruments::kEdgeClient).points.push_back({labels, start_unix_ns_, HistogramPoint{edge.client, {}}});
  }
  for (const auto& [labels, spans] : unpaired_.all()) group.family(instruments::kEdgeUnpaired).points.push_back({labels, start_unix_ns_, spans});
}

}  // namespace suture

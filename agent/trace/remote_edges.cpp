#include "trace/remote_edges.h"

#include <cstring>
#include <utility>

namespace suture {

/// Ids are hashes already.
std::size_t RemoteEdges::SpanIdHash::operator()(const SpanId& id) const noexcept {
  std::size_t hash;
  static_assert(sizeof(hash) == sizeof(id.bytes));
  std::memcpy(&hash, id.bytes.data(), sizeof(hash));
  return hash;
}

void RemoteEdges::enable(EdgeStore* store) {
  enabled_ = true;
  store_ = store;
}

void RemoteEdges::on_sent(NodeId client, const SpanId& edge) {
  counters_.sent.add();
  if (store_ == nullptr) return;
  if (!forest_.place_of(client)) store_->tell(edge, std::nullopt);
  forest_.keep(client);
  forest_.announce(client);
}

void RemoteEdges::on_received(NodeId server, const SpanId& edge, bool proxied) {
  counters_.received.add();
  forest_.name_edge(server, edge);
  const bool free = store_ != nullptr && !asked_.contains(edge);
  if (free && store_->ask(edge)) {
    asked_.emplace(edge, Asked{server, proxied});
    return;
  }
  (store_ == nullptr ? counters_.no_store : counters_.no_room).add();
  forest_.stand_alone(server);
}

void RemoteEdges::on_carried(NodeId server, const SpanId& edge, const EdgeTrace& trace) {
  counters_.received.add();
  settle({.edge = edge, .trace = trace}, {server, false});
}

/// Those whose trace is known, and is known to stay.
void RemoteEdges::tell_known() {
  std::vector<NodeId> known = forest_.take_announced();
  known.insert(known.end(), untold_.begin(), untold_.end());
  untold_.clear();
  for (NodeId id : known) {
    if (forest_.awaits_place(id)) {
      untold_.push_back(id);
      continue;
    }
    if (const std::optional<Forest::Place> place = forest_.place_of(id)) store_->tell(place->span, EdgeTrace{place->trace, place->flags});
    forest_.release(id);
  }
}

void RemoteEdges::take_answers(std::uint64_t now_ns) {
  for (const EdgeStore::Answer& answer : store_->take(now_ns)) {
    const auto asked = asked_.find(answer.edge);
    if (asked == asked_.end()) continue;
    const Asked of = asked->second;
    // What made the sender send may show as late as when it answers, and that is after this request's end.
    if (answer.promised && forest_.is_open(of.server) && store_->ask(answer.edge)) continue;
    asked_.erase(asked);
    settle(answer, of);
  }
}

void RemoteEdges::settle(const EdgeStore::Answer& answer, const Asked& asked) {
  if (!answer.trace) {
    (!answer.reached ? counters_.unreachable : asked.proxied ? counters_.proxied : counters_.not_found).add();
    return forest_.stand_alone(asked.server);
  }
  const bool in_time = forest_.hang_under_remote(asked.server, {answer.trace->trace, answer.edge, answer.trace->flags, {}});
  (in_time ? counters_.linked : counters_.late).add();
}

void RemoteEdges::tick(std::uint64_t now_ns) {
  now_ns_ = now_ns;
  if (store_ == nullptr) return;
  tell_known();
  take_answers(now_ns);
}

void RemoteEdges::flush() {
  if (store_ == nullptr) return;
  tell_known();
  store_->finish();
  take_answers(now_ns_);
  for (const auto& [edge, asked] : std::exchange(asked_, {})) settle({.edge = edge, .trace = std::nullopt}, asked);
}

}  // namespace suture

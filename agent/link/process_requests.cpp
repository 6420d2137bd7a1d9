#include "link/process_requests.h"

#include <algorithm>
#include <utility>

namespace suture {

Inbound& ProcessRequests::receive(Inbound&& inbound) {
  waits_to_read_ = inbound.blocking;
  const std::uint64_t number = ++received_;
  inbound.number = number;
  order_.emplace(inbound.id, number);
  if (++by_thread_[inbound.tid] > 1) loops_ = true;
  return open_.emplace_hint(open_.end(), number, std::move(inbound))->second;
}

Inbound* ProcessRequests::inbound(ExchangeId id) {
  const auto found = order_.find(id);
  return found == order_.end() ? nullptr : &open_.find(found->second)->second;
}

void ProcessRequests::answered(Inbound& inbound) {
  if (std::exchange(inbound.answered, true)) return;
  const auto thread = by_thread_.find(inbound.tid);
  if (thread != by_thread_.end() && --thread->second == 0) by_thread_.erase(thread);
}

void ProcessRequests::forget(ExchangeId id) {
  const auto found = order_.find(id);
  if (found == order_.end()) return;
  const auto request = open_.find(found->second);
  answered(request->second);
  for (std::uint64_t name : request->second.names) {
    const auto [begin, end] = names_.equal_range(name);
    const auto own = std::find_if(begin, end, [&](const auto& entry) { return entry.second == id; });
    if (own != end) names_.erase(own);
  }
  open_.erase(request);
  order_.erase(found);
}

void ProcessRequests::name(Inbound& inbound, std::uint64_t name) {
  if (name == 0 || std::find(inbound.names.begin(), inbound.names.end(), name) != inbound.names.end()) return;
  inbound.names.push_back(name);
  names_.emplace(name, inbound.id);
}

void ProcessRequests::forget_before(std::uint64_t time_ns) {
  lost_ns_ = time_ns;
  names_.clear();
  completions.forget_threads();
  jobs.forget();
  if (queue) queue->forget();
}

ExchangeId ProcessRequests::named(std::uint64_t name) const {
  const auto [begin, end] = names_.equal_range(name);
  return begin != end && std::next(begin) == end ? begin->second : 0;
}

Outbound& ProcessRequests::send(Outbound&& outbound) {
  outbound.horizon = received_;
  const std::uint64_t number = ++sent_;
  waiting_order_.emplace(outbound.id, number);
  return waiting_.emplace_hint(waiting_.end(), number, std::move(outbound))->second;
}

Outbound* ProcessRequests::outbound(ExchangeId id) {
  const auto found = waiting_order_.find(id);
  return found == waiting_order_.end() ? nullptr : &waiting_.find(found->second)->second;
}

void ProcessRequests::ownerless(Outbound& outbound, std::uint64_t connection, std::uint32_t seq) {
  if (!ownerless_.emplace(std::pair(connection, seq), outbound.id).second) return;
  outbound.ownerless = true;
  outbound.connection = connection;
  outbound.seq = seq;
}

Outbound* ProcessRequests::ownerless_at(std::uint64_t connection, std::uint32_t seq) {
  const auto found = ownerless_.find({connection, seq});
  return found == ownerless_.end() ? nullptr : outbound(found->second);
}

void ProcessRequests::search_turns() {
  turns = std::make_unique<TurnSearch>();
  for (const auto& [number, inbound] : open_)
    if (!inbound.answered) turns->read(inbound);
}

void ProcessRequests::watch_queue() {
  queue = std::make_unique<Queue>();
  spawns = Spawns();  // of threads that a runtime keeps, neither end nor start was seen until now
  for (const auto& [number, inbound] : open_) queue->has_begun(inbound.id, inbound.begin_ns);
}

std::uint32_t ProcessRequests::held_by(std::uint32_t tid) const {
  const auto found = by_thread_.find(tid);
  return found == by_thread_.end() ? 0 : found->second;
}

void ProcessRequests::decided(ExchangeId id) {
  const auto found = waiting_order_.find(id);
  if (found == waiting_order_.end()) return;
  const auto outbound = waiting_.find(found->second);
  completions.hand(outbound->second);
  if (outbound->second.ownerless) ownerless_.erase({outbound->second.connection, outbound->second.seq});
  waiting_.erase(outbound);
  waiting_order_.erase(found);
}

}  // namespace suture

#include "propagation/propagation.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "trace/path_template.h"
#include "trace/request_target.h"
#include "trace/requested_server.h"

namespace suture {
namespace {

RequestTarget target_of(const HttpRequest& head) { return parse_request_target(head.method.in(head.head), head.target.in(head.head)); }

auto order_of(const PropagationRow& row) { return std::tie(row.service, row.peer, row.route); }

/// Rows of one service, peer and route become one.
void merge(std::vector<PropagationRow>& rows) {
  const auto living = [](const PropagationRow& row) { return !row.pids.empty(); };
  std::sort(rows.begin(), rows.end(), [&](const PropagationRow& a, const PropagationRow& b) {
    return std::pair(order_of(a), living(a)) < std::pair(order_of(b), living(b));
  });
  std::vector<PropagationRow> merged;
  for (PropagationRow& row : rows) {
    if (merged.empty() || order_of(merged.back()) != order_of(row) || living(merged.back()) != living(row)) {
      merged.push_back(std::move(row));
      continue;
    }
    PropagationRow& sum = merged.back();
    sum.pids.insert(sum.pids.end(), row.pids.begin(), row.pids.end());
    sum.received.with += row.received.with;
    sum.received.without += row.received.without;
    sum.sent.add(row.sent);
  }
  for (PropagationRow& row : merged) std::sort(row.pids.begin(), row.pids.end());
  rows = std::move(merged);
}

void append_rows(const RouteTable& table, std::string service, const std::vector<std::uint32_t>& pids, std::vector<PropagationRow>& rows) {
  service.resize(std::min(service.size(), NameList::kMaxBytes));
  std::vector<bool> sends(table.received().size());
  const auto received_on = [&](std::size_t route) { return route < table.received().size() ? table.received()[route] : RouteTable::Received{}; };
  for (const auto& [key, counts] : table.rows()) {
    if (key.first < sends.size()) sends[key.first] = true;
    rows.push_back({service, pids, table.route_text(key.first), table.peer_text(key.second), received_on(key.first), counts});
  }
  for (NameList::Number route = 0; route < sends.size(); ++route)
    if (const auto received = received_on(route); !sends[route] && received.with + received.without > 0)
      rows.push_back({service, pids, table.route_text(route), "", received, {}});
}

}  // namespace

Propagation::Carried Propagation::carried_by(const TraceContext* context) {
  if (context == nullptr) return {};
  return {true, context->trace_id, context->parent};
}

bool Propagation::has_room() {
  if (open_ + sent_.size() < kMaxRequests) return true;
  counters_.not_followed.add();
  return false;
}

void Propagation::on_received(const ProcessKey& key, ExchangeId request, const HttpRequest& head, const TraceContext* context) {
  if (!has_room()) return;
  if (processes_.size() + ended_.size() >= kMaxProcesses && !processes_.contains(key)) return counters_.not_followed.add();
  Process& process = processes_[key];
  const std::string route = std::string(head.method.in(head.head)) + " " + path_template(target_of(head).path);
  const Received received{process.table.route(route, room_), carried_by(context)};
  process.table.received(received.route, received.carried.context);
  if (!process.open.emplace(request, received).second) return;
  ++open_;
  if (received.carried.context) process.of_trace[received.carried.trace] = request;
}

void Propagation::on_sent(const ProcessKey& key, ExchangeId request, const HttpRequest& head, const Endpoints& endpoints, const TraceContext* context) {
  const auto process = processes_.find(key);
  // What a process sends while it handles no request has no context to hand on.
  if (process == processes_.end() || process->second.open.empty() || !has_room()) return;
  const NameList::Number peer = process->second.table.peer(peer_name(head, target_of(head), endpoints), room_);
  sent_.emplace(request, Sent{key, peer, carried_by(context)});
}

PropagationState Propagation::state_of(const Carried& came, const Carried& sent) {
  if (!came.context) return sent.context ? PropagationState::Begun : PropagationState::Without;
  if (!sent.context) return PropagationState::Dropped;
  if (!same_trace(sent.trace, came.trace)) return PropagationState::Restarted;
  return sent.parent == came.parent ? PropagationState::Unchanged : PropagationState::Passed;
}

/// The request that one which was sent is linked to; nullptr: one that is not followed. A header outweighs a link: where it names
/// the trace of another request that the process is handling, it is that one.
const Propagation::Received* Propagation::cause_of(const Process& process, const Carried& sent, ExchangeId linked) {
  const auto found = process.open.find(linked);
  const Received* received = found == process.open.end() ? nullptr : &found->second;
  if (!sent.context || (received && received->carried.context && same_trace(sent.trace, received->carried.trace))) return received;
  const auto other = process.of_trace.find(sent.trace);
  return other == process.of_trace.end() ? received : &process.open.at(other->second);
}

void Propagation::on_link(ExchangeId child, ExchangeId parent) {
  const auto node = sent_.extract(child);
  if (node.empty()) return;
  const Sent& sent = node.mapped();
  const auto process = processes_.find(sent.process);
  if (process == processes_.end()) return;
  RouteTable& table = process->second.table;
  if (const Received* cause = cause_of(process->second, sent.carried, parent))
    table.sent(cause->route, sent.peer, state_of(cause->carried, sent.carried), room_);
  else
    table.sent(NameList::kNone, sent.peer, PropagationState::Unlinked, room_);
}

void Propagation::on_unlinked(ExchangeId child) {
  const auto node = sent_.extract(child);
  if (node.empty()) return;
  const auto process = processes_.find(node.mapped().process);
  if (process != processes_.end()) process->second.table.sent(NameList::kNone, node.mapped().peer, PropagationState::Unlinked, room_);
}

void Propagation::close(Process& process, std::unordered_map<ExchangeId, Received>::iterator received) {
  const auto trace = process.of_trace.find(received->second.carried.trace);
  if (trace != process.of_trace.end() && trace->second == received->first) process.of_trace.erase(trace);
  process.open.erase(received);
  --open_;
}

void Propagation::on_over(const ProcessKey& key, ExchangeId request) {
  const auto process = processes_.find(key);
  if (process == processes_.end()) return;
  if (const auto found = process->second.open.find(request); found != process->second.open.end()) close(process->second, found);
}

void Propagation::on_process_over(const ProcessKey& key) {
  const auto process = processes_.find(key);
  if (process == processes_.end()) return;
  open_ -= process->second.open.size();
  ended_.push_back({key, std::move(process->second.table)});
  processes_.erase(process);
}

void Propagation::name_ended(const NameOf& name_of) {
  std::erase_if(ended_, [&](const Ended& ended) {
    std::optional<std::string> name = name_of(ended.process);
    if (!name) return false;
    if (services_.size() >= kMaxProcesses && !services_.contains(*name)) name = kOthersName;
    room_.give_back(ended.table.entries());
    services_[*name].add(ended.table, room_);
    return true;
  });
}

std::vector<PropagationRow> Propagation::rows(const std::function<std::string(const ProcessKey&)>& name_of) const {
  std::vector<PropagationRow> rows;
  for (const auto& [process, of] : processes_) append_rows(of.table, name_of(process), {process.tgid}, rows);
  for (const Ended& ended : ended_) append_rows(ended.table, name_of(ended.process), {}, rows);
  for (const auto& [service, table] : services_) append_rows(table, service, {}, rows);
  merge(rows);
  return rows;
}

}  // namespace suture

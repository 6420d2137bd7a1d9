#include "trace/span_placer.h"

#include <string_view>
#include <utility>

#include "trace/request_target.h"

namespace suture {
namespace {

/// A span may be stamped in milliseconds, rounded down.
constexpr std::int64_t kClockNs = 1'000'000;

Placement nowhere_of(const ReportedSpan& span) {
  Placement placement;
  placement.reported_trace = span.trace;
  placement.reported_span = span.span;
  placement.root = !span.parent.valid();
  return placement;
}

std::size_t hash_of(std::string_view path) { return std::hash<std::string_view>()(path); }

}  // namespace

SpanPlacer::Process* SpanPlacer::watch(const ProcessKey& process, std::uint64_t now_ns) {
  const auto found = processes_.find(process);
  if (found != processes_.end()) return &found->second;
  if (processes_.size() >= kMaxProcesses) return nullptr;
  return &processes_.emplace(process, Process{now_ns, false}).first->second;
}

/// Its SDK exports to the gateway, or may yet turn out to.
bool SpanPlacer::expects(const ProcessKey& key, std::uint64_t now_ns) {
  if (options_.port == 0) return false;
  const Process* process = watch(key, now_ns);
  return process != nullptr && (process->uploads || now_ns < process->since_ns + kWaitNs);
}

void SpanPlacer::on_upload(const ProcessKey& process, std::uint16_t local_port, std::uint16_t remote_port, std::uint64_t now_ns) {
  if (options_.port == 0 || remote_port != options_.port) return;
  Uploader& uploader = uploaders_[local_port];
  if (uploader.process != process) uploader = {process, now_ns};
  if (Process* sender = watch(process, now_ns)) sender->uploads = true;
}

void SpanPlacer::on_received(const ProcessKey& process, NodeId server, std::uint64_t now_ns) {
  if (expects(process, now_ns) && forest_.header_of(server) == nullptr) forest_.suspend(server);
}

void SpanPlacer::on_served(NodeId server, const Exchange& exchange, std::uint16_t client_port, std::int64_t start_unix_ns,
                           std::int64_t end_unix_ns, std::uint64_t now_ns) {
  if (options_.port == 0) return;
  const ProcessKey& process = exchange.request.process;
  const TraceContext* const header = forest_.header_of(server);
  if (!expects(process, now_ns)) {
    if (header == nullptr) forest_.let_go(server);  // it was new when the request came
    return;
  }
  const HttpExchange& http = std::get<HttpExchange>(exchange.detail);
  Served served;
  served.end_unix_ns = end_unix_ns;
  served.method = http.request.method.in(http.request.head);
  served.path_hash = hash_of(parse_request_target(served.method, http.request.target.in(http.request.head)).path);
  served.status = http.response.status;
  if (header != nullptr) {
    served.header_trace = header->trace_id;
    served.header_parent = header->parent;
  } else {
    waiting_.emplace_back(now_ns + kWaitNs, server);
  }
  const ServedKey key{process, client_port, start_unix_ns, server};
  forest_.keep(server);
  served_.emplace(key, std::move(served));
  served_due_.emplace_back(now_ns + kKeepNs, key);
}

void SpanPlacer::on_trace_begun(const ProcessKey& process, const TraceId& trace, std::uint64_t now_ns) {
  if (!options_.rewrite || !expects(process, now_ns) || forest_.trace_is_placed(trace)) return;
  if (forest_.hold_trace(trace)) traces_due_.emplace_back(now_ns + kWaitNs, trace);
}

void SpanPlacer::on_sent_because(const TraceId& trace, NodeId server) {
  if (options_.port != 0 && causes_.try_emplace(trace, server).second) causes_due_.emplace_back(now_ns_ + kKeepNs, trace);
}

void SpanPlacer::on_reported(ReportedSpan&& span, std::uint64_t now_ns) {
  const std::uint64_t until = unplaced_.size() < kMaxUnplaced ? now_ns + kPatienceNs : now_ns;
  const ProcessKey process = uploader_of(span, now_ns);
  unplaced_.push_back({std::move(span), process, now_ns, until});
}

/// Invalid: not known yet. The gateway may have read an upload before its head has come through the ring, and may report spans while the tick that
/// takes them is under way. What began to be uploaded from that port later was uploaded by somebody else.
ProcessKey SpanPlacer::uploader_of(const ReportedSpan& span, std::uint64_t reported_ns) const {
  const auto uploader = uploaders_.find(span.upload_port);
  return uploader == uploaders_.end() || uploader->second.since_ns > reported_ns + kBehindNs ? ProcessKey() : uploader->second.process;
}

bool SpanPlacer::fits(const ReportedSpan& span, const ServedKey& key, const Served& served) const {
  if (span.start_unix_ns < key.start_unix_ns - kClockNs || span.start_unix_ns > served.end_unix_ns) return false;
  if (!span.method.empty() && span.method != served.method) return false;
  if (span.status != 0 && served.status != 0 && span.status != served.status) return false;
  // Where a path is percent-encoded an SDK may have decoded it.
  return !span.path.starts_with('/') || span.path.find('%') != std::string::npos || hash_of(span.path) == served.path_hash;
}

/// The one request that the span can be of; served_.end(): none, for good.
std::optional<SpanPlacer::ServedMap::iterator> SpanPlacer::find(const Unplaced& unplaced) {
  const ReportedSpan& span = unplaced.span;
  const auto cause = causes_.find(span.trace);
  const NodeId because = span.parent.valid() || cause == causes_.end() ? 0 : cause->second;
  if (span.peer_port == 0 && because == 0) return std::nullopt;
  std::optional<ServedMap::iterator> one;
  bool by_port_elsewhere = false;
  const std::uint16_t first_port = span.peer_port, last_port = span.peer_port != 0 ? span.peer_port : UINT16_MAX;
  for (auto served = served_.lower_bound({unplaced.process, first_port, INT64_MIN, 0});
       served != served_.end() && served->first.process == unplaced.process && served->first.client_port <= last_port; ++served) {
    if (!fits(span, served->first, served->second)) continue;
    if (because != 0 && served->first.server != because) {
      by_port_elsewhere |= span.peer_port != 0;
      continue;
    }
    if (one) {
      counters_.ambiguous.add();
      return served_.end();
    }
    one = served;
  }
  if (!one && by_port_elsewhere) {
    counters_.contradicted.add();
    return served_.end();
  }
  return one;
}

/// Nothing: it cannot be said yet.
std::optional<Placement> SpanPlacer::place(Unplaced& unplaced) {
  const ReportedSpan& span = unplaced.span;
  Placement nowhere = nowhere_of(span);
  if (!span.server) return nowhere;
  if (!unplaced.process.valid()) unplaced.process = uploader_of(span, unplaced.reported_ns);
  if (!unplaced.process.valid()) return std::nullopt;
  const std::optional<ServedMap::iterator> served = find(unplaced);
  if (!served) return std::nullopt;
  if (*served == served_.end()) return nowhere;
  if ((*served)->second.claimed) {
    counters_.ambiguous.add();
    return nowhere;
  }
  // Below another span only that one belongs behind a proxy whose parent came over the wire.
  const Served& request = (*served)->second;
  if (!nowhere.root && (request.header_trace != span.trace || request.header_parent != span.parent)) return nowhere;
  // The trace above is itself about to be placed: that takes as long as it takes, and is bounded by kWaitNs.
  if (forest_.awaits_place((*served)->first.server)) unplaced.until_ns = now_ns_ + kPatienceNs;
  return place_at(span, *served);
}

std::optional<Placement> SpanPlacer::place_at(const ReportedSpan& span, ServedMap::iterator served) {
  Placement placement = nowhere_of(span);
  const std::optional<Forest::Place> ours = forest_.place_of(served->first.server);
  if (!ours) return std::nullopt;
  served->second.claimed = true;
  if (!ours->parent.valid()) {
    if (placement.root) counters_.edge.add();
    return placement;
  }
  placement.found = placement.root || ours->parent != span.parent;
  placement.trace = ours->trace;
  placement.parent = ours->parent;
  placement.server = ours->span;
  placement.flags = ours->flags;
  if (!placement.found || !placement.root) return placement;
  const bool in_time = options_.rewrite ? forest_.withdraw_for(served->first.server) : forest_.add_link(served->first.server, span.trace, span.span, "gateway");
  if (!in_time) counters_.late.add();
  forest_.let_go(served->first.server);
  return placement;
}

/// Our own spans of that trace need not wait any more.
void SpanPlacer::settle(const Placement& placement) {
  if (placement.found) (placement.root ? counters_.placed : counters_.below).add();
  if (options_.rewrite && placement.root) forest_.place_trace(placement.reported_trace, placement.found ? placement.trace : placement.reported_trace, placement.flags);
}

void SpanPlacer::tick(std::uint64_t now_ns, const std::function<void(const Placement&)>& tell) {
  now_ns_ = now_ns;
  std::size_t kept = 0;
  for (Unplaced& unplaced : unplaced_) {
    std::optional<Placement> placement = place(unplaced);
    if (!placement && now_ns < unplaced.until_ns) {
      if (&unplaced_[kept] != &unplaced) unplaced_[kept] = std::move(unplaced);
      ++kept;
      continue;
    }
    if (!placement) {
      (unplaced.process.valid() ? counters_.no_request : counters_.no_process).add();
      placement = nowhere_of(unplaced.span);
    }
    settle(*placement);
    tell(*placement);
  }
  unplaced_.resize(kept);
  forget(now_ns);
}

void SpanPlacer::release(const TraceId& trace) {
  if (forest_.holds_trace(trace)) forest_.place_trace(trace, trace, 0);
}

void SpanPlacer::forget(std::uint64_t now_ns) {
  for (; !waiting_.empty() && waiting_.front().first <= now_ns; waiting_.pop_front()) forest_.let_go(waiting_.front().second);
  for (; !traces_due_.empty() && traces_due_.front().first <= now_ns; traces_due_.pop_front()) release(traces_due_.front().second);
  for (; !causes_due_.empty() && causes_due_.front().first <= now_ns; causes_due_.pop_front()) causes_.erase(causes_due_.front().second);
  for (; !served_due_.empty() && (served_due_.front().first <= now_ns || served_.size() > kMaxServed); served_due_.pop_front()) {
    forest_.release(served_due_.front().second.server);
    served_.erase(served_due_.front().second);
  }
}

void SpanPlacer::flush() {
  for (; !traces_due_.empty(); traces_due_.pop_front()) release(traces_due_.front().second);
  for (; !waiting_.empty(); waiting_.pop_front()) forest_.let_go(waiting_.front().second);
}

}  // namespace suture

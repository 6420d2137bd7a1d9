#include "flows.h"

#include <algorithm>
#include <cstring>

#include "proto/fastcgi/session.h"
#include "proto/http1/session.h"

namespace suture {
namespace {

// When there is no room for another connection, those go that have not moved for so long: longer than servers keep idle
// connections by default (75 s nginx, 60 s proxies), so that most are gone and only the event of it was lost.
constexpr std::uint64_t kIdleNs = 120'000'000'000;
constexpr std::uint64_t kIdleLookNs = 10'000'000'000;  // going through all flows takes some 10 ms
// Unix sockets tell of themselves every 10 to 20 s, as nothing may tell of their close (bpf/core/unix.bpf.h, unix__sweep).
constexpr std::uint64_t kUnixSilenceNs = 40'000'000'000;
constexpr std::size_t kMaxPaths = 4096;                // of listening sockets: few, unless somebody makes them up

Endpoints endpoints_of(const event_connection& facts) {
  Endpoints endpoints;
  endpoints.family = facts.family == 10  ? AddressFamily::Inet6
                     : facts.family == 2 ? AddressFamily::Inet
                     : facts.family == 1 ? AddressFamily::Unix
                                         : AddressFamily::None;
  std::memcpy(endpoints.local.data(), facts.local_address, endpoints.local.size());
  std::memcpy(endpoints.remote.data(), facts.remote_address, endpoints.remote.size());
  endpoints.local_port = facts.local_port;
  endpoints.remote_port = facts.remote_port;
  return endpoints;
}

ExchangePlace place_of(const Connection& connection) {
  ExchangePlace place;
  place.connection = connection.id();
  place.endpoints = endpoints_of(connection.facts());
  const ConnectionName name = connection.name();
  place.isn_own = name.isn_own;
  place.isn_peer = name.isn_peer;
  place.have_isn = name.known;
  place.loopback_peer = has_loopback_peer(connection.facts());
  return place;
}

}  // namespace

Flow::Flow(const event_connection& opened, ExchangeCounters& counters)
    : connection(opened), session(std::make_unique<http1::Session>(opened.connection, counters)), place(place_of(connection)), moved_ns(opened.header.time_ns), heard_ns(moved_ns) {}

void Flow::hear(std::string_view first_bytes, ExchangeCounters& counters) {
  if (heard) return;
  heard = true;
  if (fastcgi::begins_like(first_bytes)) session = std::make_unique<fastcgi::Session>(connection.id(), counters);
}

std::optional<Begun> Flow::take(std::uint64_t begin_pos) {
  const auto found = std::find_if(begun.begin(), begun.end(), [&](const Begun& one) { return one.trace.begin_pos == begin_pos; });
  if (found == begun.end()) return std::nullopt;
  Begun taken = std::move(*found);
  ended_pos = begin_pos;
  ended = taken.trace.node;
  begun.erase(found);
  return taken;
}

NodeId Flow::exchange_at(Direction of_requests, std::uint32_t seq) {
  if (requests != of_requests) return 0;
  const std::uint64_t pos = connection.position(requests == Direction::Send ? DIRECTION_SEND : DIRECTION_RECEIVE, seq);
  for (const Begun& one : begun)
    if (one.trace.begin_pos == pos) return one.trace.node;
  return requests == Direction::Send && ended_pos == pos ? ended : 0;
}

Flow* Flows::find(std::uint64_t connection) {
  const auto found = flows_.find(connection);
  return found == flows_.end() ? nullptr : found.value().get();
}

Flow& Flows::add(const event_connection& opened, const event_unix_connection* paths, ExchangeCounters& counters) {
  Flow& flow = *flows_.emplace(opened.connection, std::make_unique<Flow>(opened, counters)).first.value();
  if (opened.family == 1) unix_.push_back(opened.connection);
  if (paths) {
    flow.place.endpoints.local_path = path_of(paths->local_path, paths->local_bytes);
    flow.place.endpoints.remote_path = path_of(paths->remote_path, paths->remote_bytes);
  }
  return flow;
}

NodeId Flows::exchange_at(std::uint64_t connection, Direction requests, std::uint32_t seq) {
  Flow* flow = find(connection);
  return flow ? flow->exchange_at(requests, seq) : 0;
}

void Flows::watch(Flow& flow) {
  const bool due = flow.session->waiting_for_end();
  if (due) wants_sweep_ = true;
  if (flow.watched || !(due || flow.session->may_expire())) return;
  flow.watched = true;
  watched_.push_back(flow.connection.id());
}

void Flows::unwatch(std::uint64_t now_ns, std::uint64_t end_wait_ns) {
  wants_sweep_ = false;
  std::erase_if(watched_, [&](std::uint64_t connection) {
    Flow* flow = find(connection);
    if (!flow) return true;
    const bool due = flow->session->waiting_for_end();
    const bool may_expire = flow->session->may_expire();
    const bool doubtful = may_expire && now_ns > flow->moved_ns + end_wait_ns / 2 && now_ns < flow->moved_ns + 2 * end_wait_ns;
    if (due || doubtful) wants_sweep_ = true;
    flow->watched = due || may_expire;
    return !flow->watched;
  });
}

std::vector<std::uint64_t> Flows::silent(std::uint64_t now_ns) {
  std::vector<std::uint64_t> found;
  std::erase_if(unix_, [&](std::uint64_t connection) {
    const Flow* flow = find(connection);
    if (flow && now_ns < flow->heard_ns + kUnixSilenceNs) return false;
    if (flow) found.push_back(connection);
    return true;
  });
  return found;
}

std::vector<std::uint64_t> Flows::idle(std::uint64_t now_ns) {
  std::vector<std::uint64_t> found;
  if (last_idle_ns_ != 0 && now_ns < last_idle_ns_ + kIdleLookNs) return found;
  last_idle_ns_ = now_ns;
  for (const auto& [connection, flow] : flows_)
    if (flow->moved_ns + kIdleNs < now_ns) found.push_back(connection);
  return found;
}

/// The text of a Unix address as people write it: an abstract name begins with @. nullptr: there is none, or no room.
const std::string* Flows::path_of(const char* path, std::size_t bytes) {
  std::string text(path, std::min(bytes, sizeof(event_unix_connection::local_path)));
  if (text.starts_with('\0')) text[0] = '@';
  else text.resize(std::min(text.size(), text.find('\0')));
  if (text.empty() || (paths_.size() >= kMaxPaths && !paths_.contains(text))) return nullptr;
  return &*paths_.insert(std::move(text)).first;
}

}  // namespace suture

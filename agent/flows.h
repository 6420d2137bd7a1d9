#pragma once
// Flows: the connections that carry requests, each with what is being made of it, and which of them have to be looked at again because
// nothing may tell of their next step. Capture thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <tsl/robin_map.h>

#include "conn/connection.h"
#include "proto/counters.h"
#include "proto/session.h"
#include "trace/joiner.h"
#include "wire/event.h"

namespace suture {

/// One exchange that has not ended.
struct Begun {
  TracePlace trace;
  ProcessKey process;
};

struct Flow {
  Connection connection;
  std::unique_ptr<Session> session;
  ExchangePlace place;
  std::vector<Begun> begun;                 // exchanges that have not ended, in order
  NodeId ended = 0;                         // the last that did, 0: none
  std::uint64_t ended_pos = 0;              // where its request began
  Direction requests = Direction::Receive;  // of the last one that began
  std::uint64_t moved_ns = 0;               // when bytes were last known to move
  std::uint64_t heard_ns = 0;               // of the last record
  bool watched = false;
  bool heard = false;                       // message bytes

  Flow(const event_connection& opened, ExchangeCounters& counters);

  /// Message bytes come: the first ones tell what the connection speaks. To be called before the session sees them.
  void hear(std::string_view first_bytes, ExchangeCounters& counters);

  /// Takes the exchange out of those that have not ended; nothing: it had not begun.
  std::optional<Begun> take(std::uint64_t begin_pos);
  /// The exchange whose request begins at `seq`; 0: none. Of requests that were sent also the one that ended last: what is told
  /// of a response comes after one that was read at once.
  NodeId exchange_at(Direction of_requests, std::uint32_t seq);
};

class Flows {
 public:
  /// Of another connection's record, or nullptr.
  Flow* find(std::uint64_t connection);
  /// `paths`: the same event as that of a Unix socket, or nullptr. The flow stays where it is until it is erased.
  Flow& add(const event_connection& opened, const event_unix_connection* paths, ExchangeCounters& counters);
  void erase(std::uint64_t connection) { flows_.erase(connection); }
  std::size_t size() const { return flows_.size(); }

  /// As Flow's; 0 for a connection that is not known, too.
  NodeId exchange_at(std::uint64_t connection, Direction requests, std::uint32_t seq);

  template <typename Visit>  // Visit(const Flow&)
  void for_each(Visit visit) const {
    for (const auto& [connection, flow] : flows_) visit(*flow);
  }

  /// To be called when bytes have moved: whether the flow's next step may be one that no event tells of.
  void watch(Flow& flow);
  template <typename Visit>  // Visit(Flow&)
  void for_each_watched(Visit visit) {
    for (std::uint64_t connection : watched_)
      if (Flow* flow = find(connection)) visit(*flow);
  }
  /// After their sessions were told to expire what waited for longer than `end_wait_ns`: forgets those that wait no more. A stream whose
  /// bytes leave no events must be swept before, or it would seem idle.
  void unwatch(std::uint64_t now_ns, std::uint64_t end_wait_ns);
  /// A message waits for an end that only a sweep can tell, or is about to be given up.
  bool wants_sweep() const { return wants_sweep_; }

  /// Those over Unix sockets that were not heard of for so long that their socket must be gone.
  std::vector<std::uint64_t> silent(std::uint64_t now_ns);
  /// Those that may go when there is no room for another connection. Looks at them all, and so at most every ten seconds.
  std::vector<std::uint64_t> idle(std::uint64_t now_ns);

 private:
  const std::string* path_of(const char* path, std::size_t bytes);

  tsl::robin_map<std::uint64_t, std::unique_ptr<Flow>> flows_;  // by event_data::connection
  std::vector<std::uint64_t> watched_;                          // flows whose session waits for an end, or may expire
  std::vector<std::uint64_t> unix_;                             // those over Unix sockets
  std::unordered_set<std::string> paths_;                       // of Unix sockets; spans that wait point to them
  std::uint64_t last_idle_ns_ = 0;                              // when idle() went through all flows
  bool wants_sweep_ = false;
};

}  // namespace suture

#pragma once
// Propagation: what each service does with the trace context that its requests bring: hands it on, or not, to whom. Reads what
// requests carry, and is told which request caused which (agent/link/); one that is linked to none is counted and judged by
// nobody. Nothing here changes a span. Capture thread; depends on recorded events alone.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/counter.h"
#include "base/ids.h"
#include "link/evidence.h"
#include "propagation/route_table.h"
#include "proto/exchange.h"
#include "trace/endpoints.h"
#include "trace/trace_context.h"

namespace suture {

/// What a service did with the requests of one route towards one peer.
struct PropagationRow {
  std::string service;
  std::vector<std::uint32_t> pids;  // that live, in order; none: they have ended
  std::string route;                // "GET /orders/{id}"; "": of no route, as nobody knows what caused the requests
  std::string peer;                 // "stock:8080"; "": the route sends nothing
  RouteTable::Received received;    // by these processes on this route, whatever they sent then
  PropagationCounts sent;
};

class Propagation {
 public:
  static constexpr std::size_t kMaxProcesses = 4096;  // and as many names of those that ended
  static constexpr std::size_t kMaxEntries = 32'768;  // see Room: 4 MiB
  static constexpr std::size_t kMaxRequests = 131'072;  // received and not answered, or sent and not linked yet

  struct Counters {
    Counter not_followed;  // requests, for want of room
  };

  /// `context`: what the request carries, or nullptr.
  void on_received(const ProcessKey& process, ExchangeId request, const HttpRequest& head, const TraceContext* context);
  /// on_link() or on_unlinked() is to follow.
  void on_sent(const ProcessKey& process, ExchangeId request, const HttpRequest& head, const Endpoints& endpoints, const TraceContext* context);
  void on_link(ExchangeId sent, ExchangeId received);
  void on_unlinked(ExchangeId sent);
  /// Nothing more will be linked to it.
  void on_over(const ProcessKey& process, ExchangeId received);
  /// It ended, or is another program now: the name of that one is then taken for both.
  void on_process_over(const ProcessKey& process);

  /// Of a process that ended; nothing: its name will be known soon.
  using NameOf = std::function<std::optional<std::string>(const ProcessKey&)>;
  /// What ended processes have done goes on under the names of their services.
  void name_ended(const NameOf& name_of);
  /// In order of service, peer and route. Of a service whose processes live and have ended there are rows of both.
  std::vector<PropagationRow> rows(const std::function<std::string(const ProcessKey&)>& name_of) const;

  const Counters& counters() const { return counters_; }

 private:
  /// What a request carried.
  struct Carried {
    bool context = false;
    TraceId trace;
    SpanId parent;
  };
  struct Received {
    NameList::Number route;
    Carried carried;
  };
  struct Sent {
    ProcessKey process;
    NameList::Number peer;
    Carried carried;
  };
  struct Process {
    RouteTable table;
    std::unordered_map<ExchangeId, Received> open;     // not answered yet
    std::unordered_map<TraceId, ExchangeId> of_trace;  // the last of `open` that came with it
  };
  struct Ended {
    ProcessKey process;
    RouteTable table;
  };

  static Carried carried_by(const TraceContext* context);
  static PropagationState state_of(const Carried& came, const Carried& sent);
  static const Received* cause_of(const Process& process, const Carried& sent, ExchangeId linked);
  bool has_room();
  void close(Process& process, std::unordered_map<ExchangeId, Received>::iterator received);

  Room room_{kMaxEntries};
  std::unordered_map<ProcessKey, Process> processes_;  // that have received requests
  std::unordered_map<ExchangeId, Sent> sent_;          // not linked yet
  std::size_t open_ = 0;                               // of all processes
  std::vector<Ended> ended_;                           // without a name yet
  std::map<std::string, RouteTable> services_;         // of ended processes
  Counters counters_;
};

}  // namespace suture

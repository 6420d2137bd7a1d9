#pragma once
// ServiceGraph: which services call which, counted as Tempo's metrics generator does it: a client's span and the server's
// span under it make one request of an edge. A client whose server is not seen here has called a virtual node, named by its
// server.address; a server that is a root was called by the virtual node "user". Event time; capture thread.

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "base/counter.h"
#include "metrics/series_table.h"
#include "metrics/snapshot.h"
#include "trace/span.h"

namespace suture {

class ServiceGraph {
 public:
  struct Limits {
    std::uint64_t wait_ns = 10'000'000'000;  // for the other end; as in Tempo
    std::size_t waiting = 16'384;            // spans that may wait, some 4 MB; over it the oldest wait no longer
    std::size_t edges = 2'000;               // OpenTelemetry's default for the series of one metric
  };

  ServiceGraph(std::int64_t start_unix_ns, Limits limits, SeriesBudget& budget)
      : start_unix_ns_(start_unix_ns), limits_(limits), edges_(limits.edges, budget), unpaired_(limits.edges, budget) {}

  /// A finished span of the service of that name.
  void add(const Span& span, std::string_view service, std::uint64_t now_ns);
  void tick(std::uint64_t now_ns);
  /// Families with at least one point.
  void append_to(MetricGroup& group) const;

  std::size_t waiting() const { return halves_.size(); }

 private:
  /// What is known of a request from one of its ends.
  struct Half {
    SpanKind kind = SpanKind::Client;
    bool failed = false;
    double seconds = 0;
    std::string service;
    std::string peer;  // of a client: server.address
  };
  struct Edge {
    std::int64_t requests = 0, failed = 0;
    Histogram server, client;
  };
  struct Due {
    std::uint64_t time_ns;
    SpanId client;
  };
  struct Hash {
    std::size_t operator()(const SpanId& id) const noexcept;
  };

  void wait_for_other(const SpanId& client, Half&& half, std::uint64_t now_ns);
  void give_up_first();
  void give_up(const Half& half);
  /// Either may be null: nothing was seen of that end.
  void count(std::string_view client_name, std::string_view server_name, const Half* client, const Half* server);
  void count_unpaired(std::string_view client_name, std::string_view server_name);

  const std::int64_t start_unix_ns_;
  const Limits limits_;
  SeriesTable<Edge> edges_;
  SeriesTable<std::int64_t> unpaired_;
  std::unordered_map<SpanId, Half, Hash> halves_;  // by the client's span
  std::deque<Due> due_;                            // in order of time; those of pairs that were found are among them
  Labels labels_;                                  // reused
};

}  // namespace suture

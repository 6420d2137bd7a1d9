#pragma once
// WaitingRoom: between the forest and what is done with finished spans. Spans and edges of a process whose facts are awaited stay here until
// they have come, so that they carry the service's name; at most for as long as ProcessTable awaits them. Everything on the
// capture thread; what leaves when depends on the records and ticks alone.

#include <deque>
#include <variant>

#include "base/counter.h"
#include "conn/traffic.h"
#include "process/process_table.h"
#include "trace/batch.h"
#include "trace/span_receiver.h"

namespace suture {

/// Edges of connections that are not HTTP/1, as they come.
class EdgeSink {
 public:
  virtual ~EdgeSink() = default;
  virtual void on_edge(const Edge& edge, const Resource& resource) = 0;
};

class WaitingRoom {
 public:
  struct Counters {
    Counter spans_unnamed;  // handed on before all facts of their process had come
  };

  /// All outlive the room; `edges` may be null.
  WaitingRoom(ProcessTable& processes, SpanReceiver& next, EdgeSink* edges) : processes_(processes), next_(next), edges_(edges) {}

  void add(Span&& span);
  void add(const Edge& edge);
  /// Lets go of those whose wait is over.
  void tick();
  /// Lets go of all.
  void flush();

  /// Spans that wait.
  std::size_t spans() const { return spans_; }
  const Counters& counters() const { return counters_; }

 private:
  using Guest = std::variant<Span, Edge>;

  static constexpr std::size_t kMaxBytes = 4u << 20;  // some 4 000 spans; over it nobody waits

  void seat(Guest&& guest);
  void unseat(Guest&& guest);
  void leave(Span&& span);
  void leave(Edge&& edge);

  ProcessTable& processes_;
  SpanReceiver& next_;
  EdgeSink* const edges_;
  std::deque<Guest> guests_;  // in order of arrival
  std::size_t spans_ = 0;
  std::size_t bytes_ = 0;
  Counters counters_;
};

}  // namespace suture

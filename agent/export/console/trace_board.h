#pragma once
// TraceBoard: spans come one by one and in any order; the board says when a trace has come to rest and can be drawn.

#include <chrono>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

#include "export/console/trace_row.h"

namespace suture {

struct FinishedTrace {
  std::vector<TraceRow> rows;  // in order of arrival
  bool complete = false;       // a root is there, and the parent of every other span
};

/// Bounded; time is what the caller says it is.
class TraceBoard {
 public:
  using Clock = std::chrono::steady_clock;

  struct Limits {
    std::size_t spans = 4096;
    std::size_t traces = 1024;
    std::chrono::milliseconds quiet{300};      // a complete trace to which nothing came for so long is at rest
    std::chrono::milliseconds patience{2000};  // what a trace may take altogether, complete or not
  };

  TraceBoard() : TraceBoard(Limits()) {}
  explicit TraceBoard(Limits limits) : limits_(limits) {}

  /// Over the limits, the oldest traces become due at once.
  void add(TraceRow row, Clock::time_point now);
  /// The traces to draw now, oldest first. They leave the board.
  std::vector<FinishedTrace> take_due(Clock::time_point now);
  /// All, at the end.
  std::vector<FinishedTrace> take_all();
  /// When take_due() may have something again; nothing if the board is empty.
  std::optional<Clock::time_point> next_due();

 private:
  struct Entry {
    std::vector<TraceRow> rows;
    Clock::time_point first;
    Clock::time_point last;
    std::optional<bool> complete;  // nothing: not looked at since the last span came
  };
  using Entries = std::list<Entry>;  // oldest first

  Clock::time_point due_at(Entry& entry) const;
  Entries::iterator take(Entries::iterator entry, std::vector<FinishedTrace>& out);

  const Limits limits_;
  Entries entries_;
  std::unordered_map<TraceId, Entries::iterator> by_trace_;
  std::size_t span_count_ = 0;
  std::vector<FinishedTrace> pushed_out_;  // by the limits; drawn next
};

/// True if `rows` holds a root, and the parent of all that are none.
bool is_complete(const std::vector<TraceRow>& rows);

}  // namespace suture

#include "export/console/trace_board.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace suture {

void TraceBoard::add(TraceRow row, Clock::time_point now) {
  const auto [place, is_new] = by_trace_.try_emplace(row.trace);
  if (is_new)
    place->second = entries_.insert(entries_.end(), Entry{.rows = {}, .first = now, .last = now, .complete = {}});
  Entry& entry = *place->second;
  entry.last = now;
  entry.complete.reset();
  entry.rows.push_back(std::move(row));
  ++span_count_;
  while (span_count_ > limits_.spans || entries_.size() > limits_.traces) take(entries_.begin(), pushed_out_);
}

std::vector<FinishedTrace> TraceBoard::take_due(Clock::time_point now) {
  std::vector<FinishedTrace> due = std::exchange(pushed_out_, {});
  for (auto entry = entries_.begin(); entry != entries_.end();)
    entry = due_at(*entry) <= now ? take(entry, due) : std::next(entry);
  return due;
}

std::vector<FinishedTrace> TraceBoard::take_all() {
  std::vector<FinishedTrace> all = std::exchange(pushed_out_, {});
  while (!entries_.empty()) take(entries_.begin(), all);
  return all;
}

std::optional<TraceBoard::Clock::time_point> TraceBoard::next_due() {
  if (!pushed_out_.empty()) return Clock::time_point();
  std::optional<Clock::time_point> next;
  for (Entry& entry : entries_) {
    const auto due = due_at(entry);
    if (!next || due < *next) next = due;
  }
  return next;
}

TraceBoard::Clock::time_point TraceBoard::due_at(Entry& entry) const {
  if (!entry.complete) entry.complete = is_complete(entry.rows);
  const auto at_latest = entry.first + limits_.patience;
  return *entry.complete ? std::min(entry.last + limits_.quiet, at_latest) : at_latest;
}

TraceBoard::Entries::iterator TraceBoard::take(Entries::iterator entry, std::vector<FinishedTrace>& out) {
  span_count_ -= entry->rows.size();
  by_trace_.erase(entry->rows.front().trace);
  const bool complete = is_complete(entry->rows);
  out.push_back({.rows = std::move(entry->rows), .complete = complete});
  return entries_.erase(entry);
}

bool is_complete(const std::vector<TraceRow>& rows) {
  std::set<SpanId> ids;
  for (const TraceRow& row : rows) ids.insert(row.id);
  bool has_root = false;
  for (const TraceRow& row : rows) {
    if (!row.parent.valid()) {
      has_root = true;
    } else if (!ids.contains(row.parent)) {
      return false;
    }
  }
  return has_root;
}

}  // namespace suture

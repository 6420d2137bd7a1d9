#pragma once
// TraceTable: what has become of the traces that SDKs began, the same for all signals: some are part of another trace.

#include <cstdint>
#include <list>
#include <unordered_map>

#include "base/ids.h"

namespace suture {

class TraceTable {
 public:
  enum class State : std::uint8_t {
    Unknown,  // its root was not seen
    Asked,    // whether it belongs to another is about to be known
    Own,      // it belongs to no other
    Moved,    // it is a part of `to`
  };
  struct Entry {
    State state = State::Unknown;
    TraceId to = {};
    std::uint8_t flags = 0;  // W3C, of `to`
  };

  /// Over `most` traces the oldest are forgotten.
  explicit TraceTable(std::size_t most) : most_(most) {}

  Entry find(const TraceId& trace) const;
  /// A trace that is Moved stays so: its records that have left cannot be called back.
  void set(const TraceId& trace, const Entry& entry);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Place {
    Entry entry;
    std::list<TraceId>::iterator order;
  };
  const std::size_t most_;
  std::unordered_map<TraceId, Place> entries_;
  std::list<TraceId> order_;  // oldest first
};

}  // namespace suture

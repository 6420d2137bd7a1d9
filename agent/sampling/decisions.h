#pragma once
// Decisions: what was decided about recent traces, so that spans that come late go where the others went. The oldest are
// forgotten for new ones.

#include <cstddef>
#include <cstdint>
#include <deque>

#include <tsl/robin_map.h>

#include "base/ids.h"
#include "sampling/threshold.h"

namespace suture {

struct TraceDecision {
  enum class What : std::uint8_t { Keep, SampledOut, RateLimited, Undecided } what = What::Keep;
  Threshold threshold = kCertain;  // of those kept
};

class Decisions {
 public:
  /// What one decision takes, with the slack of the map.
  static constexpr std::size_t kBytesEach = 112;

  explicit Decisions(std::size_t most) : most_(most) {}

  /// nullptr: none, or forgotten. Until the next call.
  const TraceDecision* find(const TraceId& trace) const;
  /// The trace has none yet.
  void remember(const TraceId& trace, const TraceDecision& decision);
  void clear();

 private:
  const std::size_t most_;
  tsl::robin_map<TraceId, TraceDecision> decided_;
  std::deque<TraceId> order_;  // oldest first
};

}  // namespace suture

#pragma once
// KeepRule: `--keep 'error || slow || 1%'`, which whole traces are worth exporting. Its conditions are about spans, and one
// span of the trace is enough; its value for a trace is a Threshold, as a condition that holds keeps for certain and a share
// keeps that share: of two joined by || the lower one counts, of two joined by && the higher.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sampling/threshold.h"

namespace suture {

/// What conditions ask of one span.
struct SpanFacts {
  bool error = false;
  bool slow = false, rare = false;
  std::uint64_t duration_ns = 0;
  std::uint64_t status = 0;  // 0: no response was seen
  std::string_view service = {};
};

struct Condition {
  enum class Of : std::uint8_t { Error, Slow, Rare, Duration, Status, Service } of = Of::Error;
  std::uint64_t least = 0, most = UINT64_MAX;  // of a duration in ns, of a status
  std::string service = {};

  bool met_by(const SpanFacts& facts) const;
};

class KeepRule {
 public:
  static constexpr std::size_t kMaxConditions = 32;
  /// Which conditions spans of a trace have met, a bit each.
  using Met = std::uint32_t;

  /// One step of the rule in postfix order: what comes before it is what it works on.
  struct Step {
    enum class Kind : std::uint8_t { Condition, Share, Not, And, Or } kind;
    std::uint32_t condition = 0;  // its number
    Threshold share = kNever;
  };

  /// At most kMaxConditions; `steps` leave exactly one value, and Not is never asked of a share.
  KeepRule(std::vector<Condition> conditions, std::vector<Step> steps);

  Met met_by(const SpanFacts& facts) const;
  /// Of a trace whose spans together have met `met`.
  Threshold threshold(Met met) const;
  bool asks(Condition::Of of) const;

 private:
  std::vector<Condition> conditions_;
  std::vector<Step> steps_;
};

}  // namespace suture

#pragma once
// PropagationVerdict: what can be said of a service by the requests that were seen, and how surely.

#include <cstdint>
#include <string_view>

#include "propagation/counts.h"

namespace suture {

/// Sometimes: in neither hardly any nor nearly all cases. Untold: too few were seen.
enum class HowOften : std::uint8_t { Never, Sometimes, Always, Untold };

std::string_view name_of(HowOften how_often);

/// That `count` of `all` observations were so. The share that holds in the long run lies, with 95 % confidence, in Wilson's score
/// interval; Never and Always take it to lie wholly below 5 % or above 95 %, which 73 observations without an exception
/// show and fewer do not. So a link that is wrong now and then (agent/link/audit.h) makes no verdict.
HowOften how_often(std::uint64_t count, std::uint64_t all);

/// Observations that show Never or Always if there is no exception.
inline constexpr std::uint64_t kObservations = 73;

struct PropagationVerdict {
  HowOften drops = HowOften::Untold;
  HowOften restarts = HowOften::Untold;

  bool passes() const { return drops == HowOften::Never && restarts == HowOften::Never; }
};

PropagationVerdict judge(const PropagationCounts& counts);

/// "passes on", "drops", ...: of one row, for a table.
std::string_view word_for(const PropagationCounts& counts);

}  // namespace suture

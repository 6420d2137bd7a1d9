#include "propagation/verdict.h"

#include <cmath>

namespace suture {
namespace {

constexpr double kZ = 1.96;       // of 95 %, both tails (E. B. Wilson, JASA 22, 1927, p. 209)
constexpr double kMargin = 0.05;  // of nothing and of everything: links are wrong in fewer cases than this

struct Interval {
  double low, high;
};

Interval wilson(std::uint64_t count, std::uint64_t all) {
  const auto n = static_cast<double>(all);
  const double share = static_cast<double>(count) / n;
  const double scale = 1 + kZ * kZ / n;
  const double middle = share + kZ * kZ / (2 * n);
  const double half = kZ * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  return {(middle - half) / scale, (middle + half) / scale};
}

bool is_sometimes(const PropagationVerdict& verdict) { return verdict.drops == HowOften::Sometimes || verdict.restarts == HowOften::Sometimes; }

}  // namespace

std::string_view name_of(HowOften how_often) {
  switch (how_often) {
    case HowOften::Never: return "never";
    case HowOften::Sometimes: return "sometimes";
    case HowOften::Always: return "always";
    case HowOften::Untold: return "untold";
  }
  return "";
}

HowOften how_often(std::uint64_t count, std::uint64_t all) {
  if (all == 0) return HowOften::Untold;
  const Interval share = wilson(count, all);
  if (share.high <= kMargin) return HowOften::Never;
  if (share.low >= 1 - kMargin) return HowOften::Always;
  return share.low > kMargin && share.high < 1 - kMargin ? HowOften::Sometimes : HowOften::Untold;
}

PropagationVerdict judge(const PropagationCounts& counts) {
  using enum PropagationState;
  return {how_often(counts[Dropped], counts.tested()), how_often(counts[Restarted], counts.tested())};
}

std::string_view word_for(const PropagationCounts& counts) {
  using enum PropagationState;
  const PropagationVerdict verdict = judge(counts);
  if (verdict.drops == HowOften::Always) return "drops";
  if (verdict.restarts == HowOften::Always) return "restarts";
  if (is_sometimes(verdict)) return verdict.drops == HowOften::Sometimes ? "drops some" : "restarts some";
  if (verdict.passes()) return how_often(counts[Unchanged], counts.tested()) == HowOften::Always ? "unchanged" : "passes on";
  if (counts.tested() > 0 || counts[Unlinked] > 0) return "cannot tell";
  return counts[Begun] > 0 ? "begins traces" : "-";
}

}  // namespace suture

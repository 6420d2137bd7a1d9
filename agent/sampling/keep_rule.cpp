#include "sampling/keep_rule.h"

#include <algorithm>
#include <utility>

namespace suture {

bool Condition::met_by(const SpanFacts& facts) const {
  switch (of) {
    case Of::Error: return facts.error;
    case Of::Slow: return facts.slow;
    case Of::Rare: return facts.rare;
    case Of::Duration: return facts.duration_ns >= least && facts.duration_ns <= most;
    case Of::Status: return facts.status != 0 && facts.status >= least && facts.status <= most;
    case Of::Service: return facts.service == service;
  }
  return false;
}

KeepRule::KeepRule(std::vector<Condition> conditions, std::vector<Step> steps) : conditions_(std::move(conditions)), steps_(std::move(steps)) {}

KeepRule::Met KeepRule::met_by(const SpanFacts& facts) const {
  Met met = 0;
  for (std::size_t i = 0; i < conditions_.size(); ++i)
    if (conditions_[i].met_by(facts)) met |= Met{1} << i;
  return met;
}

Threshold KeepRule::threshold(Met met) const {
  std::vector<Threshold> values;
  values.reserve(steps_.size());
  const auto take = [&values] {
    const Threshold value = values.back();
    values.pop_back();
    return value;
  };
  for (const Step& step : steps_) {
    Threshold value = step.share;
    switch (step.kind) {
      case Step::Kind::Share: break;
      case Step::Kind::Condition: value = met >> step.condition & 1 ? kCertain : kNever; break;
      case Step::Kind::Not: value = take() == kCertain ? kNever : kCertain; break;
      case Step::Kind::And: value = std::max(take(), take()); break;
      case Step::Kind::Or: value = std::min(take(), take()); break;
    }
    values.push_back(value);
  }
  return values.back();
}

bool KeepRule::asks(Condition::Of of) const {
  return std::any_of(conditions_.begin(), conditions_.end(), [of](const Condition& condition) { return condition.of == of; });
}

}  // namespace suture

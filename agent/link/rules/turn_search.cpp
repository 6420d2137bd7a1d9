#include "link/rules/turn_search.h"

#include <algorithm>
#include <utility>

namespace suture {
namespace {

/// Every endpoint's stage before leads back to the reading of the request.
bool possible(const Turns::Plan& plan, std::size_t endpoints) {
  for (std::size_t endpoint = 0; endpoint < endpoints; ++endpoint) {
    Turns::Stage stage = plan[endpoint];
    for (std::size_t steps = 0; stage != 0; ++steps) {
      if (steps == endpoints) return false;
      stage = plan[stage - 1u];
    }
  }
  return true;
}

/// The next plan in counting order; false: there is none.
bool advance(Turns::Plan& plan, std::size_t endpoints) {
  for (std::size_t endpoint = 0; endpoint < endpoints; ++endpoint) {
    if (++plan[endpoint] <= endpoints) return true;
    plan[endpoint] = 0;
  }
  return false;
}

}  // namespace

void TurnSearch::read(const Inbound& inbound) {
  for (Supposition& one : suppositions_) one.turns.read(inbound.id, inbound.tid, inbound.begin_ns);
  if (!failed_ && suppositions_.front().turns.open() > kMaxOpen) fail();
}

void TurnSearch::called(const Outbound& outbound) {
  if (failed_ || !suppositions_.front().turns.runs(outbound.tid)) return;
  auto found = std::find(endpoints_.begin(), endpoints_.end(), outbound.destination);
  if (found == endpoints_.end()) {
    if (endpoints_.size() == Turns::kMaxEndpoints) return fail();
    endpoints_.push_back(outbound.destination);
    found = endpoints_.end() - 1;
    widen();
  }
  const auto endpoint = static_cast<std::uint8_t>(found - endpoints_.begin());
  for (Supposition& one : suppositions_) {
    // A loop that opens a connection for a request has turned to it then, unless it had opened it in advance.
    const bool connected = outbound.connect_ns != 0 && one.turns.had_read(outbound.tid, outbound.connect_ns);
    one.turns.called(outbound.id, endpoint, outbound.tid, connected ? outbound.connect_ns : outbound.begin_ns);
  }
}

/// There is an endpoint more: all plans with it, as far as can be told from those without.
void TurnSearch::widen() {
  const std::size_t endpoints = endpoints_.size();
  const std::vector<Supposition> known = std::exchange(suppositions_, {});
  Turns::Plan plan{};
  do {
    if (!possible(plan, endpoints)) continue;
    Turns::Plan before = plan;
    for (Turns::Stage& stage : before)
      if (stage == endpoints) stage = 0;
    before[endpoints - 1] = 0;
    const auto like = std::find_if(known.begin(), known.end(), [&](const Supposition& one) { return one.turns.plan() == before; });
    suppositions_.emplace_back(Turns((like == known.end() ? known.front() : *like).turns, plan));
  } while (advance(plan, endpoints));
}

void TurnSearch::answered(ExchangeId id, std::uint64_t time_ns) {
  for (Supposition& one : suppositions_) one.turns.answered(id, time_ns);
}

void TurnSearch::Supposition::judge(const Turns::Response& response, std::uint16_t port, LoadClass load, std::size_t endpoints) {
  bool any = false;
  for (std::size_t stage = 0; stage <= endpoints; ++stage) {
    const bool agrees = response.complete && (response.in_turn & 1u << stage);
    if (agrees || settled) audits[stage].add(port, load, agrees);
    else audits[stage] = {};
    any = any || agrees;
  }
  if (!any && !settled) tests = {};
  for (std::size_t endpoint = 0; endpoint < endpoints; ++endpoint)
    if (any && (response.overtaken & 1u << endpoint)) tests[endpoint].add(port, load, true);
  ++judged;
  agreed += any;
  settled = settled || judged >= kSettled;
}

double TurnSearch::Supposition::confidence(std::uint16_t port, LoadClass load, std::size_t endpoints) const {
  for (std::size_t endpoint = 0; endpoint < endpoints; ++endpoint)
    if (tests[endpoint].agreeing(port, load) < kTested) return 0;
  double confidence = 0;
  for (const Audit& audit : audits)
    if (audit.trust(port, load) == Trust::Yes) confidence = std::max(confidence, audit.lower_bound(port, load));
  return confidence;
}

TurnSearch::Found TurnSearch::responds(const Inbound& request, std::uint32_t tid, LoadClass load) {
  if (failed_) return ++since_failed_, Found{};
  Found found;
  bool believed = false, agreed = true;
  for (Supposition& one : suppositions_) {
    const Turns::Response response = one.turns.responds(request.id, tid, endpoints_.size());
    if (response.telling) one.judge(response, request.port, load, endpoints_.size());
    const double confidence = one.confidence(request.port, load, endpoints_.size());
    if (confidence == 0) continue;
    agreed = agreed && (!believed || found.calls == response.calls);
    believed = true;
    found = {response.calls, confidence};
  }
  std::erase_if(suppositions_, [](Supposition& one) {
    if (one.judged < kJudged) return false;
    return std::exchange(one.agreed, 0) * 2 < std::exchange(one.judged, 0);
  });
  if (suppositions_.empty()) fail();
  return agreed ? found : Found{};
}

void TurnSearch::over(ExchangeId exchange) {
  for (Supposition& one : suppositions_) one.turns.over(exchange);
}

void TurnSearch::fail() {
  failed_ = true;
  suppositions_.clear();
}

const Audit* TurnSearch::best() const {
  const Audit* best = nullptr;
  std::size_t most = 0;
  for (const Supposition& one : suppositions_) {
    for (const Audit& audit : one.audits) {
      std::size_t right = 0;
      for (const auto& [of, agreement] : audit.classes()) right += agreement.samples() - agreement.wrong();
      if (best && right <= most) continue;
      best = &audit;
      most = right;
    }
  }
  return best;
}

}  // namespace suture

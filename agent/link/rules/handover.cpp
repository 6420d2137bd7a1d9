#include "link/rules/handover.h"

#include <algorithm>
#include <limits>

namespace suture {

void Handovers::wakes(std::uint64_t word, std::uint32_t sleeper, ExchangeId request, std::uint32_t awake_us, std::uint64_t now_ns) {
  if (word != word_) {  // the vote of Boyer and Moore
    if (lead_ > 0) {
      --lead_;
      return;
    }
    word_ = word;
    workers_.clear();
  }
  lead_ = std::min<std::uint32_t>(lead_ + 1, kMaxLead);
  if (workers_.size() == kMaxThreads) workers_.clear();
  for (auto take = takes_.rbegin(); take != takes_.rend() && take->empty_ns == 0; ++take) take->empty_ns = now_ns;
  const std::uint64_t ago_ns = kAtOnce + std::uint64_t{1000} * awake_us;
  workers_[sleeper] = {request, now_ns - std::min(ago_ns, now_ns)};
}

void Handovers::hears(std::uint32_t tid, std::uint64_t now_ns) {
  if (workers_.size() == kMaxThreads) workers_.clear();
  workers_[tid] = {0, now_ns};
}

ExchangeId Handovers::sends(std::uint32_t tid, ExchangeId outbound, std::uint64_t now_ns) {
  const auto found = workers_.find(tid);
  const Worker worker = found == workers_.end() ? Worker{} : found->second;
  if (found != workers_.end()) workers_.erase(found);
  if (takes_.size() == kMaxTakes) {
    forgotten_ns_ = takes_.front().at_ns;
    takes_.pop_front();
  }
  takes_.push_back({outbound, worker.request, worker.from_ns, now_ns, 0});
  return worker.request;
}

void Handovers::forget(std::uint64_t time_ns) {
  workers_.clear();
  takes_.clear();
  forgotten_ns_ = time_ns;
}

bool Handovers::alone(ExchangeId outbound) const {
  const auto own = std::find_if(takes_.rbegin(), takes_.rend(), [&](const Take& take) { return take.outbound == outbound; });
  if (own == takes_.rend()) return false;
  std::uint64_t from_ns = own->from_ns;
  for (const Take& take : takes_)
    if (take.request == own->request) from_ns = std::min(from_ns, take.from_ns);
  if (from_ns <= forgotten_ns_) return false;
  // Where all others work, something may have been put there before with nobody to wake: it was taken instead, and what is left waits for
  // the first who is done.
  const std::uint64_t empty_ns = own->empty_ns ? own->empty_ns : std::numeric_limits<std::uint64_t>::max();
  const bool awake = std::any_of(workers_.begin(), workers_.end(), [&](const auto& entry) {
    const Worker& worker = entry.second;
    return worker.request != 0 && worker.request != own->request && worker.from_ns <= own->at_ns;
  });
  return !awake && std::none_of(takes_.begin(), takes_.end(), [&](const Take& other) {
    return other.request != own->request && other.at_ns >= from_ns && other.from_ns <= (other.request == 0 ? empty_ns : own->at_ns);
  });
}

}  // namespace suture

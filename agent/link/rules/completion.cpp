#include "link/rules/completion.h"

#include "link/process_requests.h"

#include <algorithm>
#include <utility>

namespace suture {

ExchangeId Completions::take(std::uint32_t tid) {
  const auto found = carried_.find(tid);
  if (found == carried_.end()) return 0;
  const ExchangeId outbound = found->second;
  carried_.erase(found);
  return outbound;
}

void Completions::wake(Outbound& outbound, const Woken& woken) {
  if (outbound.woken.size() == kMaxWoken || shared_.contains(woken.word)) return;
  outbound.woken.push_back(woken);
  woke_[woken.tid].push_back(outbound.id);
}

void Completions::share(std::uint64_t word) {
  if (shared_.size() == kMaxShared) shared_.clear();
  shared_.insert(word);
}

void Completions::forget_threads() {
  carried_.clear();
  woke_.clear();
}

std::vector<ExchangeId> Completions::woke(std::uint32_t tid) {
  const auto found = woke_.find(tid);
  if (found == woke_.end()) return {};
  std::vector<ExchangeId> outbounds = std::move(found->second);
  woke_.erase(found);
  return outbounds;
}

bool may_wait(const ProcessRequests& process, const Outbound& outbound, const Inbound& inbound, std::uint32_t sleeper) {
  return !inbound.answered && inbound.tid == sleeper && process.held_by(sleeper) == 1 && !process.loops() &&
         outbound.begin_ns >= inbound.begin_ns;
}

const Woken* Completions::waited(const Outbound& outbound) const {
  const auto first = std::find_if(outbound.woken.begin(), outbound.woken.end(),
                                  [&](const Woken& woken) { return !shared_.contains(woken.word); });
  if (first == outbound.woken.end()) return nullptr;
  // A worker may take up another answer without having slept: then whose this one was is not known.
  const auto other = std::find_if(first, outbound.woken.end(),
                                  [&](const Woken& woken) { return woken.tid != first->tid && !shared_.contains(woken.word); });
  return outbound.polled && other != outbound.woken.end() ? nullptr : &*first;
}

bool Completions::mistakable(const Outbound& outbound) const {
  const Woken* woken = waited(outbound);
  const auto next = taken_.upper_bound({outbound.heard_ns, ~ExchangeId{0}});
  return woken && next != taken_.end() && next->first < woken->time_ns;
}

}  // namespace suture

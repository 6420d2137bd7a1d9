#include "link/rules/asked.h"

#include <algorithm>

namespace suture {

void Askers::mix() {
  for (auto& [tid, woken] : woken_) woken.mixed = true;
}

void Askers::wakes(std::uint32_t waker, std::uint32_t sleeper, ExchangeId request) {
  const auto passed_on = woken_.find(waker);  // a worker wakes the next one while there is more to do
  if (request == 0 && passed_on != woken_.end() && !passed_on->second.mixed) request = passed_on->second.request;
  woken_.erase(sleeper);
  if (woken_.size() == kMaxThreads) woken_.clear();
  const bool alone = request != 0 && std::all_of(woken_.begin(), woken_.end(), [&](const auto& one) {
                       return one.second.request == request && !one.second.mixed;
                     });
  if (!alone) mix();
  woken_.emplace(sleeper, Woken{request, !alone});
}

ExchangeId Askers::sends(std::uint32_t tid) {
  const auto found = woken_.find(tid);
  if (found == woken_.end()) return mix(), 0;
  const ExchangeId request = found->second.mixed ? 0 : found->second.request;
  woken_.erase(found);
  return request;
}

void Askers::answered(ExchangeId request) {
  std::erase_if(woken_, [&](const auto& one) { return one.second.request == request; });
}

}  // namespace suture

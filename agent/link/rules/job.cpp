#include "link/rules/job.h"

#include <utility>

namespace suture {

Jobs::Job& Jobs::job(std::uint32_t tid) {
  if (jobs_.size() == kMaxThreads && !jobs_.contains(tid)) forget();
  return jobs_[tid];
}

void Jobs::sends(const Outbound& outbound) {
  Job& own = job(outbound.tid);
  if (own.calls.empty()) own.began_ns = outbound.begin_ns, own.horizon = outbound.horizon;
  own.waits = own.waits && own.heard && own.calls.size() < kMaxCalls;
  own.heard = false;
  if (own.waits) own.calls.push_back(outbound.id);
}

void Jobs::hears(std::uint32_t tid, ExchangeId outbound) {
  const auto found = jobs_.find(tid);
  if (found != jobs_.end() && !found->second.calls.empty() && found->second.calls.back() == outbound) found->second.heard = true;
}

void Jobs::rests(std::uint32_t tid, std::uint64_t now_ns) {
  const Job over = std::exchange(job(tid), Job{.free_ns = now_ns});
  if (over.free_ns != 0 && !over.calls.empty()) judge(false);
}

std::vector<ExchangeId> Jobs::answers(std::uint32_t tid, const Inbound& inbound, std::uint64_t now_ns) {
  if (inbound.tid == tid) return {};
  Job over = std::exchange(job(tid), Job{.free_ns = now_ns});
  if (over.free_ns == 0) return {};
  if (over.calls.empty()) over.began_ns = now_ns;
  bool agrees = over.calls.empty() || over.horizon >= inbound.number;
  bool overtakes = false;
  for (const Done& other : done_) {
    if (other.reader != inbound.tid) continue;
    if (other.number < inbound.number && other.free_ns > over.began_ns) agrees = false;
    if (other.number > inbound.number && over.free_ns > other.began_ns) overtakes = true;
  }
  if (done_.size() == kMaxDone) done_.pop_front();
  done_.push_back({inbound.number, inbound.tid, over.free_ns, over.began_ns});
  if (overtakes) judge(false);
  if (!agrees || over.calls.size() > 1) judge(agrees && over.waits && over.heard);
  return agrees && over.waits && over.heard ? std::move(over.calls) : std::vector<ExchangeId>{};
}

}  // namespace suture

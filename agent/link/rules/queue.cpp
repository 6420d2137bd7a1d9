#include "link/rules/queue.h"

#include <algorithm>
#include <utility>

namespace suture {

Queue::Worker& Queue::worker(std::uint32_t tid) {
  if (workers_.size() == kMaxThreads && !known(tid)) {
    workers_.clear();
    awake_ = 0;
  }
  return workers_[tid];
}

Queue::Worker& Queue::wake(Worker& worker, std::uint64_t now_ns) {
  if (worker.state != State::Awake) ++awake_;
  return worker = {State::Awake, now_ns, 0};
}

void Queue::wakes(std::uint32_t waker, bool works, std::uint32_t sleeper, std::uint64_t now_ns) {
  if (!works) {
    // A worker that takes something may wake the next one, for what is left. Otherwise it has put something there itself. One that was
    // not known is new, or it is no worker: as it never sleeps there the queue is not seen empty any more.
    Worker& taker = known(waker) ? workers_[waker] : wake(worker(waker), 0);
    if (taker.state != State::Awake || taker.took_ns != 0) doubt(now_ns);
    else taker.took_ns = now_ns;
  }
  wake(worker(sleeper), now_ns);
  if (used_since_ns_ == 0) used_since_ns_ = now_ns;
}

void Queue::sleeps(std::uint32_t tid, std::uint64_t now_ns) {
  if (known(tid) && workers_[tid].state == State::Asleep) doubt(now_ns);  // it was awake, and nobody said so
  Worker& sleeper = worker(tid);
  if (sleeper.state == State::Awake) --awake_;
  sleeper = {};
  if (awake_ == 0) used_since_ns_ = 0;
}

void Queue::hears(std::uint32_t tid, std::uint64_t now_ns) { wake(worker(tid), now_ns); }

void Queue::sends(std::uint32_t tid, ExchangeId outbound, std::uint64_t now_ns) {
  const bool again = known(tid);
  Worker& sender = worker(tid);
  const Worker was = std::exchange(sender, {State::Sent, 0, 0});
  if (was.state == State::Asleep && again) doubt(now_ns);
  if (was.state != State::Awake) return;
  --awake_;
  if (used_since_ns_ == 0) return;
  if (takes_.size() == kMaxTakes) takes_.pop_front();
  takes_.push_back({outbound, used_since_ns_, was.awake_ns, was.took_ns ? was.took_ns : now_ns, {}});
}

void Queue::ran(std::uint32_t tid, std::uint64_t from_ns, std::uint64_t to_ns) {
  if (stints_.size() == kMaxStints) {
    known_from_ns_ = std::max(known_from_ns_, stints_.front().to_ns);
    stints_.pop_front();
  }
  stints_.push_back({tid, from_ns, to_ns});
}

std::size_t Queue::find(ExchangeId outbound) const {
  return static_cast<std::size_t>(std::find_if(takes_.begin(), takes_.end(), [&](const Take& take) { return take.outbound == outbound; }) - takes_.begin());
}

/// When it was put there. What is taken later was put there later.
Queue::Span Queue::put(const Take& take) const {
  Span span{take.from_ns, take.took_ns};
  for (const Take& other : takes_) {
    if (other.put.to_ns == 0) continue;
    if (other.took_ns <= take.awake_ns) span.from_ns = std::max(span.from_ns, other.put.from_ns);
    if (take.took_ns <= other.awake_ns) span.to_ns = std::min(span.to_ns, other.put.to_ns);
  }
  return span;
}

void Queue::found(ExchangeId outbound, std::uint32_t tid) {
  const std::size_t at = find(outbound);
  if (at == takes_.size()) return;
  const Span span = put(takes_[at]);
  Span& known = takes_[at].put;
  for (auto stint = stints_.rbegin(); stint != stints_.rend() && stint->to_ns >= span.from_ns; ++stint) {
    if (stint->tid != tid || stint->from_ns > span.to_ns) continue;
    known = {stint->from_ns, std::max(known.to_ns, std::min(stint->to_ns, span.to_ns))};
  }
}

std::uint32_t Queue::who_put(ExchangeId outbound, std::uint64_t since_ns) const {
  const std::size_t at = find(outbound);
  if (at == takes_.size()) return 0;
  const Span span = put(takes_[at]);
  if (span.from_ns <= known_from_ns_ || span.from_ns < since_ns) return 0;
  std::uint32_t only = 0;
  for (auto stint = stints_.rbegin(); stint != stints_.rend() && stint->to_ns >= span.from_ns; ++stint) {
    if (stint->from_ns > span.to_ns) continue;
    if (only != 0 && only != stint->tid) return 0;
    only = stint->tid;
  }
  return only;
}

}  // namespace suture

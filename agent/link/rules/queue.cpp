#include "link/rules/queue.h"

#include <algorithm>
#include <utility>

namespace suture {
namespace {

/// Of threads that each sleep at a word of their own, whatever they wait for, as those of the JVM.
constexpr std::uint64_t kOwnWords = 1;
/// Wake-ups at other words after which a new one is tried.
constexpr std::uint32_t kMaxLead = 256;

}  // namespace

void Queue::rests(std::uint32_t tid, std::uint64_t now_ns) {
  if (const auto worker = workers_.find(tid); worker != workers_.end()) worker->second.rested_ns = now_ns;
}

/// Most wake-ups are at the queue; those at locks say nothing.
bool Queue::is_queue(std::uint64_t word, std::uint32_t tid) {
  if (sleepers_.size() == kMaxThreads) sleepers_.clear();
  const auto [sleeper, fresh] = sleepers_.emplace(word, tid);
  if (sleeper->second != tid) sleeper->second = 0;
  const std::uint64_t at = sleeper->second == 0 ? word : kOwnWords;
  if (at == queue_) {
    lead_ = std::min(lead_ + 1, kMaxLead);
  } else if (lead_ > 0) {  // the vote of Boyer and Moore
    --lead_;
  } else {
    queue_ = at;
    lead_ = 1;
  }
  return at == queue_;
}

void Queue::wakes(std::uint32_t tid, std::uint64_t word, std::uint64_t now_ns) {
  const auto worker = workers_.find(tid);
  if (worker == workers_.end() || !is_queue(word, tid)) return;
  if (queue_ != kOwnWords || now_ns - worker->second.rested_ns >= kShort) worker->second.free_ns = now_ns;
}

void Queue::hears(std::uint32_t tid, std::uint64_t now_ns) {
  if (const auto worker = workers_.find(tid); worker != workers_.end()) worker->second.free_ns = now_ns;
}

void Queue::sends(const Outbound& outbound, std::uint64_t now_ns) {
  if (calls_.size() == kMaxCalls || workers_.size() == kMaxThreads) forget();
  // When a thread has begun that nobody knew is not known.
  const auto [worker, fresh] = workers_.try_emplace(outbound.tid);
  call_at_.emplace(outbound.id, calls());
  calls_.push_back({outbound.id, outbound.destination, outbound.horizon, {fresh ? 0 : worker->second.free_ns, now_ns}});
}

Queue::Request* Queue::request(ExchangeId id) {
  const auto found = request_at_.find(id);
  return found == request_at_.end() ? nullptr : &requests_[found->second - first_request_];
}

void Queue::begin(Request&& request) {
  if (requests_.size() == kMaxRequests) forget();
  request_at_.emplace(request.id, first_request_ + requests_.size());
  requests_.push_back(std::move(request));
}

void Queue::begins(ExchangeId id, std::uint64_t now_ns) { begin({.id = id, .begin_ns = now_ns}); }
void Queue::has_begun(ExchangeId id, std::uint64_t begin_ns) { begin({.id = id, .begin_ns = begin_ns, .doubtful = true}); }

void Queue::sleeps(ExchangeId id, std::uint64_t from_ns, std::uint64_t to_ns, bool waits) {
  Request* const own = request(id);
  if (own == nullptr || own->answered_ns != 0) return;
  own->awake = {own->waits ? own->awake.from_ns : from_ns, to_ns};
  if (waits && (own->waits || own->waited.size() == kMaxWaits)) own->waited.back().to_ns = to_ns;
  else if (waits) own->waited.push_back(own->awake);
  own->waits = waits;
}

void Queue::is_woken(ExchangeId id, std::uint64_t now_ns) {
  Request* const own = request(id);
  if (own == nullptr || own->doubtful || own->woken_ns != 0) return;
  own->woken_ns = now_ns;
  own->put = own->awake;
}

void Queue::found(ExchangeId call, ExchangeId id) {
  const auto at = call_at_.find(call);
  if (at == call_at_.end()) return;
  Call& known = calls_[at->second - first_call_];
  known.request = id;
  Request* const own = request(id);
  if (own == nullptr) return;
  own->called.push_back(known.to);
  if (known.taken.to_ns < own->woken_ns) known.put = own->put;
}

void Queue::answers(ExchangeId id, std::uint64_t now_ns) {
  if (Request* const own = request(id)) own->answered_ns = now_ns;
}

void Queue::over(ExchangeId id) {
  Request* const own = request(id);
  if (own == nullptr) return;
  own->over = true;
  if (own->answered_ns == 0) own->answered_ns = own->begin_ns;
}

bool Queue::may_call(const Request& request, const Destination& to) {
  return request.put.to_ns != 0 && std::find(request.called.begin(), request.called.end(), to) == request.called.end();
}

/// Of what is to be placed nothing was put there, or taken, at about the same time.
bool Queue::clean(const Call& known, const Destination& to) const {
  if (known.put.to_ns == 0 || known.taken.from_ns == 0) return false;
  return std::none_of(calls_.begin(), calls_.end(), [&](const Call& other) { return other.request == 0 && other.to == to && other.taken.beside(known.taken); }) &&
         std::none_of(requests_.begin(), requests_.end(), [&](const Request& other) { return may_call(other, to) && other.put.beside(known.put); });
}

/// The last clean one that was taken before.
const Queue::Call* Queue::before(std::size_t at) const {
  const Call& call = calls_[at];
  for (std::size_t i = at; i-- > 0 && at - i <= kNear;)
    if (calls_[i].taken.before(call.taken) && clean(calls_[i], call.to)) return &calls_[i];
  return nullptr;
}

const Queue::Call* Queue::after(std::size_t at) const {
  const Call& call = calls_[at];
  for (std::size_t i = at + 1; i < calls_.size() && i - at <= kNear; ++i)
    if (call.taken.before(calls_[i].taken) && clean(calls_[i], call.to)) return &calls_[i];
  return nullptr;
}

/// A request may have had something put there in that time, and when is not known.
bool Queue::unclear(const Span& span) const {
  return std::any_of(requests_.begin(), requests_.end(), [&](const Request& other) {
    if (other.put.to_ns != 0) return false;
    if (!other.over) return other.begin_ns <= span.to_ns;
    if (other.doubtful) return other.begin_ns <= span.to_ns && span.from_ns <= other.answered_ns;
    return std::any_of(other.waited.begin(), other.waited.end(), [&](const Span& waited) { return waited.beside(span); });
  });
}

/// Whose it is by its place in the queue; 0: not known. It is not among those that are known.
ExchangeId Queue::place(std::size_t at) const {
  const Call& call = calls_[at];
  const Call* const first = call.taken.from_ns ? before(at) : nullptr;
  if (first == nullptr || unclear({first->put.from_ns, call.taken.to_ns})) return 0;
  std::vector<const Call*> calls;        // to the same place, that were taken after the first
  std::vector<const Request*> requests;  // that waited for calls which were put there after it
  for (const Call& other : calls_)
    if (other.request == 0 && other.to == call.to && &other != &call && first->taken.before(other.taken)) calls.push_back(&other);
  for (const Request& other : requests_)
    if (may_call(other, call.to) && first->put.before(other.put)) requests.push_back(&other);
  const auto earlier = std::count_if(calls.begin(), calls.end(), [&](const Call* other) { return other->taken.before(call.taken); });
  const auto beside = std::count_if(calls.begin(), calls.end(), [&](const Call* other) { return other->taken.beside(call.taken); });
  if (beside > 0) return 0;
  const auto the_one = [&]() -> ExchangeId {
    for (const Request* own : requests) {
      const auto ahead = std::count_if(requests.begin(), requests.end(), [&](const Request* other) { return other != own && other->put.before(own->put); });
      const bool alone = std::none_of(requests.begin(), requests.end(), [&](const Request* other) { return other != own && other->put.beside(own->put); });
      if (ahead == earlier && alone) return own->put.from_ns < call.taken.to_ns && call.taken.to_ns < own->woken_ns ? own->id : 0;
    }
    return 0;
  };
  // Has all been taken that had been put there?
  const auto put = std::count_if(requests.begin(), requests.end(), [&](const Request* other) { return other->put.from_ns < call.taken.to_ns; });
  if (put == earlier + 1) return the_one();
  const Call* const last = after(at);
  if (last == nullptr || unclear({first->put.from_ns, last->put.to_ns})) return 0;
  std::erase_if(calls, [&](const Call* other) { return !other->taken.before(last->taken); });
  std::erase_if(requests, [&](const Request* other) { return !other->put.before(last->put); });
  return requests.size() == calls.size() + 1 ? the_one() : 0;
}

/// As if it were not known.
ExchangeId Queue::place_known(std::size_t at) {
  Call& call = calls_[at];
  Request* const own = request(call.request);
  if (own == nullptr || own->woken_ns <= call.taken.to_ns) return 0;
  const Call known = call;
  const std::vector<Destination> called = own->called;
  call.request = 0;
  call.put = {};
  own->called.erase(std::find(own->called.begin(), own->called.end(), call.to));
  const ExchangeId found = place(at);
  own->called = called;
  call = known;
  return found;
}

std::vector<Queue::Judged> Queue::judge(std::uint64_t over_up_to) {
  std::vector<Judged> judged;
  for (; judged_ < calls_.size() && calls_[judged_].horizon <= over_up_to; ++judged_) {
    const Call& call = calls_[judged_];
    const ExchangeId own = call.request ? place_known(judged_) : place(judged_);
    if (own != 0) judged.push_back({call.id, own, call.request, call.to});
  }
  drop_old();
  return judged;
}

void Queue::drop_old() {
  for (; judged_ > 2 * kNear; --judged_, ++first_call_) {
    call_at_.erase(calls_.front().id);
    calls_.pop_front();
  }
  const std::uint64_t since_ns = calls_.empty() ? 0 : calls_.front().taken.to_ns;
  for (; !requests_.empty() && requests_.front().over && requests_.front().answered_ns < since_ns; ++first_request_) {
    request_at_.erase(requests_.front().id);
    requests_.pop_front();
  }
}

void Queue::forget() {
  first_call_ += calls_.size();
  first_request_ += requests_.size();
  workers_.clear();
  sleepers_.clear();
  calls_.clear();
  call_at_.clear();
  request_at_.clear();
  judged_ = 0;
  for (const Request& open : std::exchange(requests_, {}))
    if (!open.over && requests_.size() < kMaxRequests / 2) has_begun(open.id, open.begin_ns);
}

}  // namespace suture

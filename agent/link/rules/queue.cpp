#include "link/rules/queue.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace suture {
namespace {

/// Of threads that each sleep at a word of their own, whatever they wait for, as those of the JVM.
constexpr std::uint64_t kOwnWords = 1;
/// Wake-ups at other words after which a new one is tried.
constexpr std::uint32_t kMaxLead = 256;
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

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

void Queue::hears(std::uint32_t tid, ExchangeId call, std::uint64_t now_ns) {
  if (const auto at = call_at_.find(call); at != call_at_.end()) {
    Call& heard = calls_[at->second - first_call_];
    heard.heard_ns = now_ns;
    last_sent_ = std::max(last_sent_, heard.taken.to_ns);
  }
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

void Queue::begins(ExchangeId id, std::uint64_t now_ns) { begin({.id = id, .open = {now_ns, kNever}}); }
void Queue::has_begun(ExchangeId id, std::uint64_t begin_ns) { begin({.id = id, .open = {begin_ns, kNever}, .doubtful = true}); }

void Queue::sleeps(ExchangeId id, std::uint64_t from_ns, std::uint64_t to_ns, bool waits) {
  Request* const own = request(id);
  if (own == nullptr || own->answered_ns != 0) return;
  own->awake = {own->waits ? own->awake.from_ns : from_ns, to_ns};
  // It need not have waited for calls that were answered while it was awake, or kept from running.
  if (waits || last_sent_ >= own->awake.from_ns) {
    if (!own->waited.empty() && (own->waits || own->waited.size() == kMaxWaits)) own->waited.back().to_ns = to_ns;
    else own->waited.push_back(own->awake);
  }
  own->waits = waits;
  if (!waits && own->woken_ns != 0 && own->done_ns == 0) own->done_ns = to_ns;
}

void Queue::is_woken(ExchangeId id, std::uint64_t now_ns) {
  Request* const own = request(id);
  if (own == nullptr || own->doubtful) return;
  own->done_ns = 0;
  if (own->woken_ns != 0) return;
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
  if (known.taken.to_ns >= own->woken_ns) return;
  known.put = own->put;
  const auto crosses = [](const Call& one, const Call& other) { return one.put.before(other.put) && other.taken.before(one.taken); };
  for (Call& other : calls_)
    if (other.put.to_ns != 0 && (crosses(known, other) || crosses(other, known))) known.crossed = other.crossed = true;
}

void Queue::answers(ExchangeId id, std::uint64_t now_ns) {
  if (Request* const own = request(id)) own->answered_ns = now_ns;
}

void Queue::over(ExchangeId id) {
  Request* const own = request(id);
  if (own == nullptr) return;
  own->over = true;
  if (own->answered_ns == 0) own->answered_ns = own->open.from_ns;
  own->open.to_ns = own->answered_ns;
}

/// It waited, and no call to that place is known.
bool Queue::Request::lacks(const Destination& to) const {
  return put.to_ns != 0 && std::find(called.begin(), called.end(), to) == called.end();
}

/// When it may have put its calls there.
std::span<const Queue::Span> Queue::Request::may_have_put() const {
  if (put.to_ns != 0) return {&put, 1};
  if (!over || doubtful) return {&open, 1};
  return waited;
}

/// If `own` had put the call there, enough requests would be left for the calls to the same place that were taken between any known one and it.
/// `before`: known ones that were taken earlier, else later; then time is read backwards.
bool Queue::leaves_enough(const Request& own, std::size_t at, bool before) const {
  const auto read = [before](const Span& span) { return before ? span : Span{~span.to_ns, ~span.from_ns}; };
  const Span call = read(calls_[at].taken), put = read(own.put);
  const Destination& to = calls_[at].to;
  const std::size_t first = at - std::min(at, kNear), last = std::min(at + kNear + 1, calls_.size());
  std::vector<std::uint64_t> calls, requests;  // when those were taken at the earliest, and when these had put theirs there at the latest
  std::vector<const Call*> known;
  for (std::size_t i = first; i < last; ++i) {
    const Call& other = calls_[i];
    if (other.taken.from_ns == 0 || !read(other.taken).before(call)) continue;
    if (other.request == 0 && other.to == to) calls.push_back(read(other.taken).from_ns);
    if (other.ordered()) known.push_back(&other);
  }
  if (calls.empty()) return true;
  for (const Request& other : requests_) {
    if (&other == &own || (other.put.to_ns != 0 && !other.lacks(to))) continue;
    std::uint64_t latest = 0;
    for (const Span& may : other.may_have_put())
      if (!put.before(read(may))) latest = std::max(latest, read(may).to_ns);
    if (latest != 0) requests.push_back(latest);
  }
  std::sort(calls.begin(), calls.end());
  std::sort(requests.begin(), requests.end());
  return std::all_of(known.begin(), known.end(), [&](const Call* one) {
    const auto taken = calls.end() - std::lower_bound(calls.begin(), calls.end(), read(one->taken).to_ns);
    const auto left = requests.end() - std::upper_bound(requests.begin(), requests.end(), read(one->put).from_ns);
    return left >= taken;
  });
}

/// Whose call it is, by what is known of others: nobody's (0), or it cannot be said.
std::optional<ExchangeId> Queue::place(std::size_t at) const {
  const Call& call = calls_[at];
  if (call.taken.from_ns == 0) return std::nullopt;
  Span put{0, call.taken.to_ns};
  for (const Call& known : calls_) {
    if (!known.ordered()) continue;
    if (known.taken.before(call.taken)) put.from_ns = std::max(put.from_ns, known.put.from_ns);
    else if (call.taken.before(known.taken)) put.to_ns = std::min(put.to_ns, known.put.to_ns);
  }
  if (put.from_ns == 0 || put.from_ns > put.to_ns) return std::nullopt;
  std::vector<const Request*> may;
  for (const Request& own : requests_) {
    const std::span<const Span> spans = own.may_have_put();
    if (std::none_of(spans.begin(), spans.end(), [&](const Span& span) { return span.beside(put); })) continue;
    if (own.put.to_ns == 0) return std::nullopt;
    if (!own.lacks(call.to) || own.woken_ns <= call.taken.to_ns) continue;
    // Who has waited for several calls and sleeps for something else has all their answers.
    if (call.heard_ns <= (own.done_ns ? own.done_ns : own.answered_ns)) may.push_back(&own);
  }
  if (may.empty()) return 0;
  std::erase_if(may, [&](const Request* own) { return !leaves_enough(*own, at, true) || !leaves_enough(*own, at, false); });
  return may.size() == 1 ? std::optional(may.front()->id) : std::nullopt;
}

/// As if it were not known.
std::optional<ExchangeId> Queue::place_known(std::size_t at) {
  Call& call = calls_[at];
  Request* const own = request(call.request);
  if (own == nullptr || own->woken_ns <= call.taken.to_ns) return std::nullopt;
  const Call known = call;
  const std::vector<Destination> called = own->called;
  call.request = 0;
  call.put = {};
  own->called.erase(std::find(own->called.begin(), own->called.end(), call.to));
  const std::optional<ExchangeId> found = place(at);
  own->called = called;
  call = known;
  return found;
}

std::vector<Queue::Judged> Queue::judge(std::uint64_t over_up_to) {
  std::vector<Judged> judged;
  for (; judged_ < calls_.size() && calls_[judged_].horizon <= over_up_to; ++judged_) {
    const Call& call = calls_[judged_];
    const std::optional<ExchangeId> own = call.request ? place_known(judged_) : place(judged_);
    // That the right one seems not to have made it is no wrong answer.
    if (own && (*own != 0 || call.request == 0)) judged.push_back({call.id, *own, call.request, call.to});
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
  for (const Request& request : std::exchange(requests_, {}))
    if (!request.over && requests_.size() < kMaxRequests / 2) has_begun(request.id, request.open.from_ns);
}

}  // namespace suture

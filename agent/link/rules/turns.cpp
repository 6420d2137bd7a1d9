#include "link/rules/turns.h"

#include <algorithm>
#include <tuple>

namespace suture {

void Turns::read(ExchangeId id, std::uint32_t tid, std::uint64_t time_ns) {
  Request& fresh = requests_.emplace_back(Request{.id = id, .tid = tid});
  fresh.passed_ns[0] = time_ns;
}

bool Turns::had_read(std::uint32_t tid, std::uint64_t time_ns) const {
  return std::any_of(requests_.begin(), requests_.end(), [&](const Request& one) { return one.tid == tid && one.passed_ns[0] <= time_ns; });
}

Turns::Request* Turns::request(ExchangeId id) {
  const auto found = std::find_if(requests_.begin(), requests_.end(), [&](const Request& one) { return one.id == id; });
  return found == requests_.end() ? nullptr : &*found;
}

void Turns::called(ExchangeId id, std::uint8_t endpoint, std::uint32_t tid, std::uint64_t time_ns) {
  const std::uint64_t oldest = requests_.empty() ? UINT64_MAX : requests_.front().passed_ns[0];
  std::erase_if(calls_, [&](const Call& call) { return call.request == 0 && call.answered_ns != 0 && call.time_ns < oldest; });
  const auto later = std::find_if(calls_.begin(), calls_.end(), [&](const Call& call) { return call.time_ns > time_ns; });
  const bool last = std::none_of(later, calls_.end(), [&](const Call& call) { return call.tid == tid; });
  const auto fresh = calls_.insert(later, Call{.id = id, .endpoint = endpoint, .tid = tid, .time_ns = time_ns});
  if (last) assign(*fresh);
  else take_turns_again(time_ns, tid);
}

void Turns::assign(Call& call) {
  const Stage before = plan_[call.endpoint];
  Request* due = nullptr;
  for (Request& one : requests_) {
    const std::uint64_t since = one.passed_ns[before];
    if (one.tid == call.tid && since != 0 && since <= call.time_ns && one.calls[call.endpoint] == 0 && (!due || since < due->passed_ns[before]))
      due = &one;
  }
  if (!due) return;
  due->calls[call.endpoint] = call.id;
  call.request = due->id;
}

/// What was called since has perhaps taken turns that were not its own, and so what followed from its answers.
void Turns::take_turns_again(std::uint64_t since_ns, std::uint32_t tid) {
  struct Moment {
    std::uint64_t time_ns;
    Call* call;
    bool answer;
  };
  std::vector<Moment> moments;
  for (Call& call : calls_) {
    if (call.tid != tid || call.time_ns < since_ns) continue;
    Request* owner = request(call.request);
    if (call.request != 0 && owner == nullptr) continue;
    if (owner) owner->calls[call.endpoint] = 0, owner->passed_ns[1u + call.endpoint] = 0;
    call.request = 0;
    moments.push_back({call.time_ns, &call, false});
    if (call.answered_ns != 0) moments.push_back({call.answered_ns, &call, true});
  }
  std::sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) { return std::tie(a.time_ns, a.call, a.answer) < std::tie(b.time_ns, b.call, b.answer); });
  for (const Moment& moment : moments) {
    if (!moment.answer) assign(*moment.call);
    else if (Request* owner = request(moment.call->request)) owner->passed_ns[1u + moment.call->endpoint] = moment.time_ns;
  }
}

void Turns::answered(ExchangeId id, std::uint64_t time_ns) {
  const auto call = std::find_if(calls_.begin(), calls_.end(), [&](const Call& one) { return one.id == id; });
  if (call == calls_.end() || call->answered_ns != 0) return;
  for (auto it = calls_.begin(); it != call; ++it)
    if (it->tid == call->tid && it->endpoint == call->endpoint && it->answered_ns == 0) it->overtaken = call->overtaken = true;
  call->answered_ns = time_ns;
  if (Request* owner = request(call->request)) owner->passed_ns[1u + call->endpoint] = time_ns;
}

Turns::Response Turns::responds(ExchangeId id, std::uint32_t tid, std::size_t endpoints) const {
  Response response;
  const auto own = std::find_if(requests_.begin(), requests_.end(), [&](const Request& one) { return one.id == id; });
  if (own == requests_.end()) return response;

  // When a request passed a stage; stage 0 is here the last of its answers. 0: not yet.
  const auto passed = [&](const Request& one, std::size_t stage) -> std::uint64_t {
    if (stage > 0) return one.passed_ns[stage];
    const auto first = one.passed_ns.begin() + 1, end = first + static_cast<std::ptrdiff_t>(endpoints);
    return std::find(first, end, 0u) == end ? *std::max_element(first, end) : 0;
  };
  bool doubtful = false;  // a call came for which no request was due: it may have been for this one
  for (const Call& call : calls_) {
    if (call.request == id && call.overtaken) response.overtaken |= static_cast<std::uint8_t>(1u << call.endpoint);
    doubtful = doubtful || (call.request == 0 && call.tid == own->tid && call.time_ns >= own->passed_ns[0]);
  }
  response.calls = own->calls;
  response.telling = doubtful || own->calls != std::array<ExchangeId, kMaxEndpoints>{};
  response.complete = !doubtful && own->tid == tid && passed(*own, 0) != 0;
  for (std::size_t stage = 0; stage <= endpoints; ++stage) {
    const std::uint64_t since = passed(*own, stage);
    const bool waited_longer = std::any_of(requests_.begin(), requests_.end(), [&](const Request& other) {
      const std::uint64_t others = passed(other, stage);
      return other.tid == own->tid && others != 0 && others < since;
    });
    if (since != 0 && !waited_longer) response.in_turn |= static_cast<std::uint8_t>(1u << stage);
  }
  return response;
}

void Turns::over(ExchangeId id) {
  std::erase_if(requests_, [&](const Request& one) { return one.id == id; });
  std::erase_if(calls_, [&](const Call& call) { return call.request == id || (call.id == id && (call.answered_ns == 0 || request(call.request) == nullptr)); });
}

}  // namespace suture

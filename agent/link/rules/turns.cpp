#include "link/rules/turns.h"

#include <algorithm>

namespace suture {

void Turns::read(ExchangeId request, std::uint32_t tid, std::uint64_t time_ns) {
  Request& fresh = requests_.emplace_back(Request{.id = request, .tid = tid});
  fresh.passed_ns[0] = time_ns;
}

bool Turns::had_read(std::uint32_t tid, std::uint64_t time_ns) const {
  return std::any_of(requests_.begin(), requests_.end(), [&](const Request& request) { return request.tid == tid && request.passed_ns[0] <= time_ns; });
}

void Turns::called(ExchangeId id, std::uint8_t endpoint, std::uint32_t tid, std::uint64_t time_ns) {
  std::vector<Call>& pending = pending_[endpoint];
  const auto later = std::find_if(pending.begin(), pending.end(), [&](const Call& call) { return call.time_ns > time_ns; });
  // Those made later have taken turns that were not theirs.
  for (auto it = later; it != pending.end(); ++it)
    if (Request* request = caller(it->id, endpoint)) request->calls[endpoint] = 0;
  for (auto it = pending.insert(later, Call{.id = id, .tid = tid, .time_ns = time_ns}); it != pending.end(); ++it) assign(*it, endpoint);
}

void Turns::assign(const Call& call, std::uint8_t endpoint) {
  const Stage before = plan_[endpoint];
  Request* due = nullptr;
  for (Request& request : requests_) {
    const std::uint64_t since = request.passed_ns[before];
    if (request.tid == call.tid && since != 0 && since <= call.time_ns && request.calls[endpoint] == 0 && (!due || since < due->passed_ns[before]))
      due = &request;
  }
  if (due) {
    due->calls[endpoint] = call.id;
    return;
  }
  for (Request& request : requests_)
    if (request.tid == call.tid) request.doubtful = true;
}

Turns::Request* Turns::caller(ExchangeId call, std::uint8_t endpoint) {
  const auto found = std::find_if(requests_.begin(), requests_.end(), [&](const Request& request) { return request.calls[endpoint] == call; });
  return found == requests_.end() ? nullptr : &*found;
}

void Turns::answered(ExchangeId id, std::uint8_t endpoint, std::uint64_t time_ns) {
  std::vector<Call>& pending = pending_[endpoint];
  const auto call = std::find_if(pending.begin(), pending.end(), [&](const Call& one) { return one.id == id; });
  if (call == pending.end()) return;
  for (auto it = pending.begin(); it != call; ++it)
    if (it->tid == call->tid) it->overtaken = call->overtaken = true;
  if (Request* request = caller(id, endpoint)) {
    request->passed_ns[1u + endpoint] = time_ns;
    if (call->overtaken) request->overtaken |= static_cast<std::uint8_t>(1u << endpoint);
  }
  pending.erase(call);
}

Turns::Response Turns::responds(ExchangeId id, std::uint32_t tid, std::size_t endpoints) const {
  Response response;
  const auto own = std::find_if(requests_.begin(), requests_.end(), [&](const Request& request) { return request.id == id; });
  if (own == requests_.end()) return response;

  // When a request passed a stage; stage 0 is here the last of its answers. 0: not yet.
  const auto passed = [&](const Request& request, std::size_t stage) -> std::uint64_t {
    if (stage > 0) return request.passed_ns[stage];
    const auto first = request.passed_ns.begin() + 1, end = first + static_cast<std::ptrdiff_t>(endpoints);
    return std::find(first, end, 0u) == end ? *std::max_element(first, end) : 0;
  };
  response.calls = own->calls;
  const auto calls = static_cast<std::size_t>(std::count_if(own->calls.begin(), own->calls.end(), [](ExchangeId call) { return call != 0; }));
  response.telling = calls > 0 || own->doubtful;
  response.complete = !own->doubtful && own->tid == tid && passed(*own, 0) != 0;
  response.overtaken = own->overtaken;
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
  std::erase_if(requests_, [&](const Request& request) { return request.id == id; });
  for (std::vector<Call>& pending : pending_) std::erase_if(pending, [&](const Call& call) { return call.id == id; });
}

}  // namespace suture

#pragma once
// Turns: one supposition of how a loop works through its requests, and what follows from it. A loop that treats all requests
// alike takes them in turn: the next call to an endpoint is for the request that has been due the longest. Due is a request
// that has passed the stage before: it was read, or another endpoint has answered its call. Threads that each run a loop
// take turns apart. TurnSearch finds out which supposition holds, if any.

#include <array>
#include <cstdint>
#include <vector>

#include "link/evidence.h"

namespace suture {

class Turns {
 public:
  static constexpr std::size_t kMaxEndpoints = 3;
  static constexpr std::size_t kStages = kMaxEndpoints + 1;
  /// A stage that a request has passed: 0, it was read; 1 + e, endpoint e has answered its call.
  using Stage = std::uint8_t;
  /// For each endpoint the stage before its call.
  using Plan = std::array<Stage, kMaxEndpoints>;

  /// What the beginning of a response says of the supposition.
  struct Response {
    bool telling = false;     // anything: calls were made, or may have been made, for its request
    bool complete = false;    // its request has called each endpoint once, and each has answered
    std::uint8_t overtaken = 0; // bit e: its call to endpoint e was answered out of turn: the order was put to the test
    std::uint8_t in_turn = 0; // bit s: it was the next of those that have passed stage s; bit 0: of those with all calls answered
    std::array<ExchangeId, kMaxEndpoints> calls{};  // made for its request, 0: none
  };

  explicit Turns(const Plan& plan) : plan_(plan) {}
  /// The same requests, under another supposition.
  Turns(const Turns& known, const Plan& plan) : Turns(known) { plan_ = plan; }

  const Plan& plan() const { return plan_; }
  std::size_t open() const { return requests_.size(); }
  /// The thread has read a request that is open.
  bool runs(std::uint32_t tid) const { return had_read(tid, UINT64_MAX); }
  /// ... and had done so by then.
  bool had_read(std::uint32_t tid, std::uint64_t time_ns) const;

  void read(ExchangeId request, std::uint32_t tid, std::uint64_t time_ns);
  /// `time_ns`: when the loop turned to it. Calls may be told of later than others that were made after them, and than the
  /// answers to those.
  void called(ExchangeId call, std::uint8_t endpoint, std::uint32_t tid, std::uint64_t time_ns);
  void answered(ExchangeId call, std::uint64_t time_ns);
  /// `endpoints`: how many are known.
  Response responds(ExchangeId request, std::uint32_t tid, std::size_t endpoints) const;
  /// A request, or a call, has ended or was given up.
  void over(ExchangeId exchange);

 private:
  struct Request {
    ExchangeId id;
    std::uint32_t tid;
    std::array<std::uint64_t, kStages> passed_ns{};  // 0: not yet
    std::array<ExchangeId, kMaxEndpoints> calls{};   // 0: not made
  };
  struct Call {
    ExchangeId id;
    std::uint8_t endpoint;
    std::uint32_t tid;
    std::uint64_t time_ns, answered_ns = 0;  // 0: not yet
    bool overtaken = false;
    ExchangeId request = 0;  // whose turn it was, 0: nobody was due
  };

  void assign(Call& call);
  void take_turns_again(std::uint64_t since_ns, std::uint32_t tid);
  Request* request(ExchangeId id);

  Plan plan_;
  std::vector<Request> requests_;  // open ones, in the order in which they were read
  std::vector<Call> calls_;        // of open requests, or without an answer or a request, in the order of their turns
};

}  // namespace suture

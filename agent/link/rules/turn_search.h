#pragma once
// Rule "policy", for loops that put work off (timers, queues, batches): what was sent belongs to the request whose turn it was.
// Which order the turns follow is found by trying all of them at once: each supposition says whose response is next, and the
// responses show which is right. Only a supposition without a single exception is believed, and only for requests that have
// called every endpoint exactly once, as all others do; services of irregular delays, routes that differ, retries and work
// of the process's own contradict all suppositions.

#include <array>
#include <cstdint>
#include <vector>

#include "link/audit.h"
#include "link/evidence.h"
#include "link/rules/turns.h"

namespace suture {

class TurnSearch {
 public:
  /// For each endpoint, the agreeing samples whose call was answered out of turn, without which a supposition is not believed:
  /// where all answers come in the order of the calls, one that is off by a turn agrees as well.
  static constexpr std::size_t kTested = 32;

  /// What the calls made for one request are, by the suppositions that are believed.
  struct Found {
    std::array<ExchangeId, Turns::kMaxEndpoints> calls{};  // 0: none
    double confidence = 0;  // see LinkVerdict
  };

  void read(const Inbound& inbound);
  void called(const Outbound& outbound);
  void answered(ExchangeId call, std::uint64_t time_ns);
  /// `tid` begins the response to `request`, `load` in flight.
  Found responds(const Inbound& request, std::uint32_t tid, LoadClass load);
  /// A request, or a call, has ended or was given up.
  void over(ExchangeId exchange);

  /// Nothing fits: the process has no such order, or has too many endpoints for it to be found.
  bool failed() const { return failed_; }
  /// It failed long ago: it may do something else by now.
  bool may_try_again() const { return failed_ && since_failed_ >= kRest; }

  /// Of the supposition that fares best; nullptr: there is none.
  const Audit* best() const;

 private:
  static constexpr std::size_t kRest = 10'000;    // responses
  static constexpr std::size_t kSettled = 96;     // responses of which an exception only starts over: connections are being opened
  static constexpr std::size_t kJudged = 256;     // responses after which a supposition that mostly failed is dropped
  static constexpr std::size_t kMaxOpen = 1'024;  // requests at once: the effort grows with them

  struct Supposition {
    explicit Supposition(const Turns& supposed) : turns(supposed) {}
    Turns turns;
    std::array<Audit, Turns::kStages> audits;        // by the stage before the response, 0: all calls were answered
    std::array<Audit, Turns::kMaxEndpoints> tests;   // by endpoint: samples that put the order of its calls to the test
    std::size_t judged = 0, agreed = 0;
    bool settled = false;

    void judge(const Turns::Response& response, std::uint16_t port, LoadClass load, std::size_t endpoints);
    /// 0: it is not believed.
    double confidence(std::uint16_t port, LoadClass load, std::size_t endpoints) const;
  };

  void widen();
  void fail();

  std::vector<Supposition> suppositions_{Supposition(Turns({}))};
  std::vector<Destination> endpoints_;  // by number
  bool failed_ = false;
  std::size_t since_failed_ = 0;
};

}  // namespace suture

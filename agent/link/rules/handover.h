#pragma once
// Rule "handover": what a worker of a pool sends belongs to the request whose thread woke it. By itself that is often wrong:
// workers that are awake at once take each other's work from the queue. So it says nothing unless nobody else can have taken
// what was put there, and is trusted only after many requests in a row where `completion` agrees.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "link/evidence.h"

namespace suture {

/// The workers of one process, and what they have sent of late.
class Handovers {
 public:
  /// Threads at once; over it all are forgotten, and nothing is known of what they send next.
  static constexpr std::size_t kMaxThreads = 4096;
  /// Requests sent that are remembered, to see who may have taken whose work.
  static constexpr std::size_t kMaxTakes = 512;
  /// From putting something into the queue to waking somebody for it, for whoever stays on its processor; in ns.
  static constexpr std::uint64_t kAtOnce = 50'000;
  /// Wake-ups at other words after which a new word is tried.
  static constexpr std::uint32_t kMaxLead = 256;

  /// At `word` a thread that works on `request` wakes `sleeper`, which had nothing to do, for something that it has put into the queue
  /// not more than `awake_us` (in us) and kAtOnce ago.
  void wakes(std::uint64_t word, std::uint32_t sleeper, ExchangeId request, std::uint32_t awake_us, std::uint64_t now_ns);
  /// `tid` has read an answer: from now on it may take work.
  void hears(std::uint32_t tid, std::uint64_t now_ns);
  /// `tid`, which works on no request, sends `outbound`. Returns the request for which it was woken, 0: not known.
  ExchangeId sends(std::uint32_t tid, ExchangeId outbound, std::uint64_t now_ns);
  /// `tid` has found nothing to do.
  void sleeps(std::uint32_t tid, std::uint64_t now_ns) { sends(tid, 0, now_ns); }
  /// Nothing is known of what was taken before.
  void forget(std::uint64_t time_ns);
  /// Between the wake-up and `outbound` only workers that were woken for the same request can have taken work.
  bool alone(ExchangeId outbound) const;
  /// The address of the queue, as far as can be told.
  std::uint64_t word() const { return word_; }

 private:
  struct Worker {
    ExchangeId request = 0;      // for which it was woken, 0: nobody knows
    std::uint64_t from_ns = 0;   // its work was put into the queue after that, or it has had none since
  };
  struct Take {
    ExchangeId outbound, request;
    std::uint64_t from_ns, at_ns;
    std::uint64_t empty_ns = 0;  // when somebody was next seen to sleep at the queue, 0: not yet
  };

  std::unordered_map<std::uint32_t, Worker> workers_;
  std::deque<Take> takes_;         // in the order in which they were sent
  std::uint64_t forgotten_ns_ = 0; // what was sent until then is not remembered
  std::uint64_t word_ = 0;         // at which most of the workers' wake-ups are: the queue's. Others are locks
  std::uint32_t lead_ = 0;         // by how many
};

}  // namespace suture

#pragma once
// Rule "handover" where workers wake each other: what a worker took from its pool's queue was put there by the only thread with a
// request that has been awake since the queue was empty. A queue is empty when all workers sleep at it or wait for an answer;
// whoever puts something into it then wakes one of them, which is seen. From there on anything may be put there unseen, by any thread
// that is awake. Like every guess it is trusted only after many requests in a row where `completion` agrees.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "link/evidence.h"

namespace suture {

/// The queue of one process, and the threads at both its ends.
class Queue {
 public:
  /// Threads at once; over it all are forgotten.
  static constexpr std::size_t kMaxThreads = 4096;
  /// Requests sent, and times that threads were awake, that are remembered.
  static constexpr std::size_t kMaxTakes = 128, kMaxStints = 4096;
  /// How long nothing is said after something was seen that does not fit, as work that a worker has put there.
  static constexpr std::uint64_t kDoubt = 10'000'000'000;

  /// At the queue `waker` wakes the worker `sleeper`. `works`: on a request.
  void wakes(std::uint32_t waker, bool works, std::uint32_t sleeper, std::uint64_t now_ns);
  /// The worker `tid` has found nothing there, and sleeps.
  void sleeps(std::uint32_t tid, std::uint64_t now_ns);
  /// `tid` has read an answer: from now on it may take something.
  void hears(std::uint32_t tid, std::uint64_t now_ns);
  /// `tid`, which works on no request, sends `outbound`.
  void sends(std::uint32_t tid, ExchangeId outbound, std::uint64_t now_ns);
  /// `tid`, which works on a request, was awake. Told in the order of `to_ns`.
  void ran(std::uint32_t tid, std::uint64_t from_ns, std::uint64_t to_ns);
  /// Something may have happened that was not told.
  void doubt(std::uint64_t now_ns) { known_from_ns_ = now_ns + kDoubt; }

  /// Exactly known: `tid` has put there what became `outbound`.
  void found(ExchangeId outbound, std::uint32_t tid);
  /// The thread that has put there, not before `since_ns`, what became `outbound`; 0: not known.
  std::uint32_t who_put(ExchangeId outbound, std::uint64_t since_ns) const;

 private:
  enum class State : std::uint8_t { Asleep, Awake, Sent };  // Awake: it may take something at any time
  struct Worker {
    State state = State::Asleep;
    std::uint64_t awake_ns = 0;  // since when it is Awake
    std::uint64_t took_ns = 0;   // it has taken something before that: it woke the next worker; 0: not seen
  };
  struct Span {
    std::uint64_t from_ns = 0, to_ns = 0;
  };
  struct Take {
    ExchangeId outbound;
    std::uint64_t from_ns;             // it was put there after that,
    std::uint64_t awake_ns, took_ns;   // and taken between these two
    Span put;                          // when who put it there was awake; 0: not known
  };
  struct Stint {
    std::uint32_t tid;
    std::uint64_t from_ns, to_ns;
  };

  Worker& worker(std::uint32_t tid);
  bool known(std::uint32_t tid) const { return workers_.contains(tid); }
  Worker& wake(Worker& worker, std::uint64_t now_ns);
  Span put(const Take& take) const;
  std::size_t find(ExchangeId outbound) const;

  std::unordered_map<std::uint32_t, Worker> workers_;
  std::size_t awake_ = 0;              // of them
  std::uint64_t used_since_ns_ = 0;    // when somebody was first woken since the queue was empty; 0: it is
  std::deque<Take> takes_;             // in the order in which they were sent
  std::deque<Stint> stints_;           // in the order of their ends
  std::uint64_t known_from_ns_ = 0;    // before that things are not known, or do not fit
};

}  // namespace suture

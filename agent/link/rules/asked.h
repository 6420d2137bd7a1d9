#pragma once
// Rule "asked": what a thread of a pool sends belongs to the request whose thread woke it, or whose other worker did. By itself
// that is often wrong: workers that are awake at once take each other's work, and one that has never slept takes what another
// was woken for. So it says nothing unless, from the wake-up to the request sent, all who were woken were woken for the same
// request, and nobody sent who was not. And it is trusted only after many requests in a row where `completion` agrees.

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "link/evidence.h"

namespace suture {

/// The threads of one process that were woken while they had nothing to do, and have sent nothing since.
class Askers {
 public:
  /// Threads at once; over it all are forgotten, and nothing is known of what they send.
  static constexpr std::size_t kMaxThreads = 4096;

  /// `waker`, which works on `request` (0: none), wakes `sleeper`.
  void wakes(std::uint32_t waker, std::uint32_t sleeper, ExchangeId request);
  /// `tid`, which works on no request, sends one. Returns for which one it was woken, 0: not known.
  ExchangeId sends(std::uint32_t tid);
  /// `tid` reads a request: it was woken for that.
  void reads(std::uint32_t tid) { woken_.erase(tid); }
  /// `request` is answered: whoever was woken for it and has not sent does not.
  void answered(ExchangeId request);

 private:
  struct Woken {
    ExchangeId request;  // 0: not known
    bool mixed;          // others were awake for others
  };

  void mix();

  std::unordered_map<std::uint32_t, Woken> woken_;
};

}  // namespace suture

#pragma once
// Rule "completion": a request that one thread handed over to another belongs to the request whose thread waited for it. The
// thread that has read the answer wakes the one that has slept since before it came, and that one goes on to answer: only
// then is the link made. Or the thread that has read the answer answers the request itself. Exact, but for words on which
// several requests sleep at once (locks), and for threads that only seem to hold a request (asynchronous servers): those
// answer others, and the audit sees it.

#include <cstdint>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "link/evidence.h"

namespace suture {

/// Of one process.
class Completions {
 public:
  /// Sleepers remembered of one request sent; the first one counts that is not asleep at a lock.
  static constexpr std::size_t kMaxWoken = 8;
  /// Locks remembered; over it all are forgotten, and the kernel tells of none twice. A process has some dozen that matter.
  static constexpr std::size_t kMaxShared = 65'536;

  /// `tid` has read the answer to `outbound`, an ownerless one.
  void carry(std::uint32_t tid, ExchangeId outbound) { carried_[tid] = outbound; }
  /// `tid` works on something else.
  void put_down(std::uint32_t tid) { carried_.erase(tid); }
  /// What `tid` carries, 0: nothing. It carries it no longer.
  ExchangeId take(std::uint32_t tid);

  /// Whoever carries `outbound` woke a thread.
  void wake(Outbound& outbound, const Woken& woken);
  /// Several threads with requests have slept on `word` at once.
  void share(std::uint64_t word);

  /// A loop has read the answer to `outbound`,
  void poll(const Outbound& outbound) { taken_.emplace(outbound.heard_ns, outbound.id); }
  /// and has woken a worker for it.
  void hand(const Outbound& outbound) { taken_.erase({outbound.heard_ns, outbound.id}); }
  /// Whether the worker that woke who waited for `outbound` had perhaps done with that, and taken up an answer that was read later: a
  /// worker that has not gone to sleep since need not be woken for it, and wakes in the name of the one before.
  bool mistakable(const Outbound& outbound) const;

  /// Nothing that was sent waits for a parent: threads may go, and their numbers be used again.
  void forget_threads();

  /// The requests sent whose carriers woke `tid` since it answered last.
  std::vector<ExchangeId> woke(std::uint32_t tid);
  /// The one that waited for `outbound`, as far as is known; nullptr: nobody.
  const Woken* waited(const Outbound& outbound) const;

 private:
  std::unordered_map<std::uint32_t, ExchangeId> carried_;
  std::unordered_map<std::uint32_t, std::vector<ExchangeId>> woke_;
  std::unordered_set<std::uint64_t> shared_;
  std::set<std::pair<std::uint64_t, ExchangeId>> taken_;  // answers for which no worker was woken, by when they were read
};

class ProcessRequests;
/// Whether `sleeper`, woken with the answer to `outbound`, can have waited for it on behalf of `inbound`. A thread that has
/// several requests waits for none of them.
bool may_wait(const ProcessRequests& process, const Outbound& outbound, const Inbound& inbound, std::uint32_t sleeper);

}  // namespace suture

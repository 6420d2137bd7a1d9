#pragma once
// Rule "handover" where workers answer: what a worker has sent since it was free, and waited for, belongs to the request that it answers.
// A worker that takes its next job without having slept at the queue is not seen to do so, so a job that answers nothing would be counted
// to the one after it. Three things show that there are such jobs: a worker that goes to sleep with calls and no answer, a call that was
// made before its request had been read, and, as a queue keeps its order, a request that was read earlier and taken later than that
// call was made. One of them takes all trust, under whatever load it was seen: all workers of a process take from the same queues.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "link/audit.h"
#include "link/evidence.h"

namespace suture {

/// What the workers of one process are doing.
class Jobs {
 public:
  /// Threads at once; over it all are forgotten, and nothing is said of what they do now.
  static constexpr std::size_t kMaxThreads = 4096;
  /// Calls of a job. One with more is not linked.
  static constexpr std::size_t kMaxCalls = 64;
  /// Jobs remembered, to see in which order they were taken.
  static constexpr std::size_t kMaxDone = 256;

  /// The worker sends `outbound`, and works on no request that it has read itself.
  void sends(const Outbound& outbound);
  /// `tid` has read the answer to `outbound`, in a call that waited for it.
  void hears(std::uint32_t tid, ExchangeId outbound);
  /// `tid` sleeps until there is something to do.
  void rests(std::uint32_t tid, std::uint64_t now_ns);
  /// Nothing is said of what the workers do now.
  void forget() { jobs_.clear(); }
  /// `tid` reads requests itself.
  void reads(std::uint32_t tid) { jobs_.erase(tid); }
  /// `tid` begins to answer `inbound`. Returns what it has sent for that, as far as nothing speaks against it.
  std::vector<ExchangeId> answers(std::uint32_t tid, const Inbound& inbound, std::uint64_t now_ns);

  bool trusted() const { return audit_.trust(0, LoadClass::Single) == Trust::Yes; }
  double lower_bound() const { return audit_.lower_bound(0, LoadClass::Single); }
  const Audit& audit() const { return audit_; }

 private:
  struct Job {
    std::uint64_t free_ns = 0;    // it was taken after that; 0: nobody saw
    std::uint64_t began_ns = 0;   // and before that: its first call
    std::uint64_t horizon = 0;    // of its first call
    std::vector<ExchangeId> calls{};
    bool heard = true;            // the last of them
    bool waits = true;            // for each of them before the next
  };
  struct Done {
    std::uint64_t number;         // of its request
    std::uint32_t reader;         // who put it into the queue
    std::uint64_t free_ns, began_ns;
  };

  Job& job(std::uint32_t tid);
  void judge(bool agrees) { audit_.add(0, LoadClass::Single, agrees); }

  std::unordered_map<std::uint32_t, Job> jobs_;
  std::deque<Done> done_;
  Audit audit_;  // in one class
};

}  // namespace suture

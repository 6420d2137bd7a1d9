#pragma once
// Rule "spawn": what a thread sends belongs to the request that whoever started it worked on. So it is where a service
// starts threads for calls: exact of a thread that has ended and had sent for nothing else. Threads of a pool, which the first
// requests start and all later ones use, look alike at first: they outlive the request and go on to send. So of a thread that is
// still there the rule is trusted only after many threads in a row that did not.

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "link/audit.h"
#include "link/evidence.h"

namespace suture {

/// The threads of one process that were started for requests, and have sent some.
class Spawns {
 public:
  /// Threads at once; over it all are forgotten, and those that are gone by then are no samples.
  static constexpr std::size_t kMaxThreads = 65'536;

  /// `tid` sends, `load` in flight; it was started for `request`, which is open, or for one that is answered: nullptr.
  void sends(std::uint32_t tid, const Inbound* request, LoadClass load);
  /// `tid` answers `request`.
  void answers(std::uint32_t tid, const Inbound& request);
  /// Returns the request that it was started for, if it has sent for no other; 0.
  ExchangeId exits(std::uint32_t tid);
  /// Another rule, an exact one, has found that a call of a thread that was started for `supposed` was made for `parent`.
  void found(ExchangeId supposed, const Inbound& parent, LoadClass load);

  const Audit& audit() const { return audit_; }

 private:
  struct Thread {
    ExchangeId request;
    std::uint16_t port;
    LoadClass load;
    bool strayed = false;  // it has worked for another request too
  };

  void stray(Thread& thread);

  std::unordered_map<std::uint32_t, Thread> threads_;
  Audit audit_;
};

}  // namespace suture

#pragma once
// Untraced: processes whose connections are seen and judged, and none of which speaks HTTP/1. A user who misses their spans
// is told why, while the agent runs. Capture thread.

#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/ids.h"
#include "wire/event.h"

namespace suture {

struct UntracedProcess {
  ProcessKey process;
  connection_verdict verdict = VERDICT_OTHER;  // of its connections: all the same, or VERDICT_OTHER
  std::size_t connections = 0;                 // seen so far, up to Untraced::kMaxConnections
};

class Untraced {
 public:
  static constexpr std::uint64_t kPatienceNs = 5'000'000'000;  // a service may begin with its database and then serve HTTP
  static constexpr std::size_t kMaxProcesses = 4096;           // remembered at once; those beyond are not told of
  static constexpr std::size_t kMaxConnections = 64;           // of one process

  /// Any event about a connection.
  void on_connection(const event_connection& event);

  /// Those whose patience is over; each process once. CLOCK_MONOTONIC.
  std::vector<UntracedProcess> take_due(std::uint64_t now_ns);

 private:
  struct Suspect {
    std::uint64_t since_ns = 0;
    bool settled = false;  // it speaks HTTP, or was told of
    connection_verdict verdict = VERDICT_UNKNOWN;
    std::unordered_set<std::uint64_t> connections;
  };

  std::unordered_map<ProcessKey, Suspect> suspects_;
};

}  // namespace suture

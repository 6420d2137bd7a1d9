#pragma once
// Traffic: what connections carried, by process and verdict, from socket state alone. Nothing is blind about a connection
// that is not HTTP/1: it ends, or every ten seconds goes on, as an edge in here.

#include <array>
#include <cstdint>
#include <unordered_map>

#include "base/ids.h"
#include "wire/event.h"

namespace suture {

/// One connection that is not (or not yet) HTTP/1, at its end or in its course.
struct Edge {
  event_connection facts;  // addresses, role, verdict, bytes so far, retransmits, error; times on CLOCK_MONOTONIC
  bool ended = false;

  /// The handshake failed: the peer refused or did not answer.
  bool connect_failed() const { return facts.role == ROLE_CLIENT && facts.established_ns == 0 && facts.error != 0; }
  /// From connect to the handshake's end; 0 = not known.
  std::uint64_t connect_ns() const {
    return facts.established_ns > facts.opened_ns && facts.opened_ns ? facts.established_ns - facts.opened_ns : 0;
  }
};

class Traffic {
 public:
  static constexpr std::size_t kMaxProcesses = 4096;  // of which shares are kept; what exceeds it is added to process 0

  struct Share {
    std::array<std::uint64_t, 8> connections{};  // ended or seen, by enum connection_verdict
    std::uint64_t failed_connects = 0;
    std::uint64_t retransmits = 0;
  };

  /// An event about a connection: returns the edge it makes, if any, in `edge`.
  bool on_connection(const event_connection& event, Edge& edge);

  const std::unordered_map<ProcessKey, Share>& shares() const { return shares_; }

 private:
  std::unordered_map<ProcessKey, Share> shares_;
};

}  // namespace suture

#pragma once
// Connection: the names of one socket's connection, and its two streams.

#include <cstdint>

#include "base/ids.h"
#include "conn/stream.h"
#include "wire/event.h"

namespace suture {

/// The handshake's two numbers, as one end has them: its own first. The other end has them swapped. Survives NAT. Those of a
/// Unix socket's two ends are drawn by the kernel's programs.
struct ConnectionName {
  std::uint32_t isn_own = 0;
  std::uint32_t isn_peer = 0;
  bool known = false;
};

class Connection {
 public:
  /// From the first event that tells of it (CONNECTION_OPEN).
  explicit Connection(const event_connection& opened);

  std::uint64_t id() const { return facts_.connection; }
  /// As of the last event.
  const event_connection& facts() const { return facts_; }
  void update(const event_connection& event);

  ConnectionName name() const { return {facts_.isn_own, facts_.isn_peer, facts_.have_isn != 0}; }

  /// `direction` as in event_data.
  std::uint64_t position(std::uint8_t direction, std::uint32_t seq) { return streams_[direction & 1].position(seq); }

 private:
  void remember_totals();

  event_connection facts_;
  bool from_handshake_;  // positions count from there, as the socket's own counters do
  Stream streams_[2];  // by event_direction
};

/// The peer is on this host: a Unix socket, or an address that never leaves one (127.0.0.0/8, ::1, also as IPv4 in IPv6).
bool has_loopback_peer(const event_connection& facts);

}  // namespace suture

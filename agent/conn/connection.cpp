#include "conn/connection.h"

#include <cstring>

namespace suture {

Connection::Connection(const event_connection& opened) : facts_(opened), from_handshake_(opened.have_isn != 0) {
  if (from_handshake_) {
    streams_[DIRECTION_SEND] = Stream(opened.isn_own + 1);
    streams_[DIRECTION_RECEIVE] = Stream(opened.isn_peer + 1);
  } else {
    // Without the handshake's numbers positions count from here; the two ends do not agree then.
    streams_[DIRECTION_SEND] = Stream(opened.end_seq[DIRECTION_SEND]);
    streams_[DIRECTION_RECEIVE] = Stream(opened.end_seq[DIRECTION_RECEIVE]);
  }
  remember_totals();
}

void Connection::update(const event_connection& event) {
  facts_ = event;
  remember_totals();
}

/// A connection that was there before us, or that moves long bodies of which no event tells, may have moved more than the
/// 2 GiB within which a sequence number is unambiguous: positions are looked for near where it is.
void Connection::remember_totals() {
  if (!from_handshake_) return;
  streams_[DIRECTION_SEND].remember(facts_.sent_bytes);
  streams_[DIRECTION_RECEIVE].remember(facts_.received_bytes);
}

bool has_loopback_peer(const event_connection& facts) {
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // ::ffff:0:0/96, RFC 4291 2.5.5.2
  static constexpr std::uint8_t kLoopback6[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  if (facts.family == 1) return true;  // Unix
  if (facts.family == 2) return facts.remote_address[0] == 127;
  if (facts.family != 10) return false;
  if (std::memcmp(facts.remote_address, kMapped, sizeof(kMapped)) == 0) return facts.remote_address[12] == 127;
  return std::memcmp(facts.remote_address, kLoopback6, sizeof(kLoopback6)) == 0;
}

}  // namespace suture

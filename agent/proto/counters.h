#pragma once
// What all sessions of an agent count together, whatever they speak. Two ledgers hold at any moment, for all sessions in sum:
//   requests = exchanges + dropped (all reasons) + outstanding
//   every response head = answered an exchange, or was informational, or had no request

#include <cstdint>

#include "base/counter.h"

namespace suture {

struct ExchangeCounters {
  Counter requests;                   // heads handed to on_request
  Counter responses;                  // heads of final responses that were paired
  Counter informational;              // 1xx heads but 101
  Counter exchanges;                  // handed to on_exchange
  Counter responses_without_request;  // ignored: the request was not seen, or nobody asked

  // Requests that never become an exchange, by reason.
  Counter dropped_hole;      // unseen bytes made it impossible to say which response is whose
  Counter dropped_invalid;   // the same, because of bytes that are not what the protocol says
  Counter dropped_too_many;  // more outstanding than the session keeps
  Counter dropped_upgraded;  // sent behind a request that turned the connection into a tunnel
  Counter dropped_unended;   // the session was destroyed first

  Counter holes;             // times that bytes which may have begun a message were not seen
  Counter heads_invalid;     // looked like a head, was none
  Counter resyncs;           // times that pairing started again after a hole
  Counter requests_ignored;  // seen while pairing was not safe
  Counter abandoned;         // connections given up: pipelined with a hole, too many outstanding, FastCGI that is multiplexed or odd
  Counter bytes_ignored;     // copied bytes of connections given up, ended or upgraded
  Counter heads_truncated;
  Counter suspicious;        // messages with smuggling-shaped heads or chunks
  Counter upgrades;          // connections that became tunnels: 101, or CONNECT and 2xx
  Counter ends_unconfirmed;  // exchanges with end_confirmed == false

  std::uint64_t dropped() const {
    return dropped_hole.get() + dropped_invalid.get() + dropped_too_many.get() + dropped_upgraded.get() +
           dropped_unended.get();
  }
};

}  // namespace suture

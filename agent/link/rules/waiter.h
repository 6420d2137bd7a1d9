#pragma once
// Rule "waiter": a request that waits can be reached by pointers from the call it waits for, or it could never go on. The
// kernel programs follow them in the runtimes that they know, and give what runs and what waits the runtime's own names:
// equal names are the same thing. Exact; a walk that went astray finds no equal name.

#include "link/process_requests.h"

namespace suture {

/// The open request that one of the outbound's names names, the nearest first; 0: none.
ExchangeId propose_by_waiter(const ProcessRequests& process, const Outbound& outbound);

/// Whether a request that is now known to run under `name` is what the outbound waits for.
bool waits_for(const Outbound& outbound, const Inbound& inbound, std::uint64_t name);

}  // namespace suture

#include "link/rules/waiter.h"

#include <algorithm>

namespace suture {

ExchangeId propose_by_waiter(const ProcessRequests& process, const Outbound& outbound) {
  for (std::uint64_t name : outbound.names)
    if (const ExchangeId parent = process.named(name)) return parent;
  return 0;
}

bool waits_for(const Outbound& outbound, const Inbound& inbound, std::uint64_t name) {
  return outbound.begin_ns >= inbound.begin_ns &&
         std::find(outbound.names.begin(), outbound.names.end(), name) != outbound.names.end();
}

}  // namespace suture

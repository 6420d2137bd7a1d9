#include "link/rules/thread.h"

namespace suture {

ThreadProposal propose_by_thread(const ProcessRequests& process, const Outbound& outbound) {
  const Inbound* parent = process.inbound(outbound.context);
  if (parent == nullptr) return {};
  const LoadClass load = process.load();
  const bool exact = process.thread_is_exact(parent->blocking);
  const Audit& audit = process.thread_audit;
  const bool audited = audit.confirms(parent->port, load);
  if (exact && !audit.disqualified(parent->port, load)) return {parent->id, true, Trust::Yes, true, 1.0, audited};
  return {parent->id, false, audit.trust(parent->port, load), audit.likely(parent->port, load), audit.lower_bound(parent->port, load), audited};
}

}  // namespace suture

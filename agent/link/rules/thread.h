#pragma once
// Rule "thread": a request belongs to the request that its thread was working on. Exact where a thread works on one request
// until that is answered; in an event loop only as far as the audit shows that each callback reads before it sends.

#include "link/process_requests.h"

namespace suture {

struct ThreadProposal {
  ExchangeId parent = 0;  // 0: the thread worked on nothing that is still open
  bool exact = false;     // by construction; else a guess that has been right of late
  Trust trust = Trust::Unknown;
  bool plausible = true;  // worth telling people although it is not trusted
  double confidence = 0;  // see LinkVerdict
  bool audited = false;
};

ThreadProposal propose_by_thread(const ProcessRequests& process, const Outbound& outbound);

}  // namespace suture

#pragma once
// LinkCounters: what became of the requests that were sent, each counted once.

#include "base/counter.h"

namespace suture {

struct LinkCounters {
  Counter by_thread;       // exact: the thread that read the parent sent the child
  Counter by_policy;       // last read of an event loop, as far as the audit vouches for it
  Counter by_waiter;       // a runtime's waiting request
  Counter by_completion;   // whoever read its answer woke the thread that waited for it
  Counter by_spawn;        // its thread was started for the parent, as far as the audit vouches for that
  Counter by_handover;     // its thread was woken for the parent, as far as the audit vouches for that
  Counter background;      // the process was handling nothing
  Counter no_evidence;     // nothing pointed to any request
  Counter not_trusted;     // something did, but the audit has too few samples or found it to be wrong
  Counter given_up;        // for want of room, or because the process went
};

/// One of them.
using LinkCounter = Counter LinkCounters::*;

}  // namespace suture

#pragma once
// Explain: what is known of a process's links, in words for whoever wonders about a trace.

#include <string>

#include "link/link_counters.h"
#include "link/process_requests.h"

namespace suture {

/// Which rules are in use and what the audit says of them, what became of the requests sent, and what waits. Lines, each
/// indented by two spaces.
std::string explain(const ProcessRequests& requests);

/// One line for a list of processes, without a line break: how many were linked, and how many were not.
std::string summarize(const LinkCounters& counters);

}  // namespace suture

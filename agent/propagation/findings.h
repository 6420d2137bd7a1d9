#pragma once
// Finding: what a service does with the context towards one peer, over all routes.

#include <string>
#include <vector>

#include "propagation/propagation.h"
#include "propagation/verdict.h"

namespace suture {

struct PropagationFinding {
  std::string service;
  std::vector<std::uint32_t> pids;
  std::string peer;
  PropagationCounts sent;
  PropagationVerdict verdict;
  std::vector<std::string> routes;  // that always drop, or always start a new trace, where others do not

  bool broken() const;
};

/// What is true of a service now: of one that lives the rows of its ended processes are left out, as those may have been of an
/// older version.
std::vector<PropagationRow> current_rows(std::vector<PropagationRow> rows);

/// One for each service and peer, where the service has received a context; `rows` as Propagation gives them. Those that break
/// traces come first.
std::vector<PropagationFinding> findings_of(const std::vector<PropagationRow>& rows);

}  // namespace suture

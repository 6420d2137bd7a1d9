#pragma once
// NamedProcesses: the processes that somebody has named, by service or by executable.

#include <string>
#include <string_view>
#include <vector>

#include "process/process_facts.h"

namespace suture {

/// Globs as in base/glob.h.
struct NamedProcesses {
  std::vector<std::string> services = {};     // of the service's name
  std::vector<std::string> executables = {};  // of the whole path if they hold a '/', else of the file name

  bool empty() const { return services.empty() && executables.empty(); }
  bool contain(const ProcessFacts& facts, std::string_view service) const;
};

}  // namespace suture

#include "process/named_processes.h"

#include <algorithm>

#include "base/glob.h"
#include "process/command_line.h"

namespace suture {

bool NamedProcesses::contain(const ProcessFacts& facts, std::string_view service) const {
  return std::any_of(services.begin(), services.end(), [&](const std::string& glob) { return glob_matches(glob, service); }) ||
         std::any_of(executables.begin(), executables.end(),
                     [&](const std::string& glob) { return glob_matches(glob, glob.find('/') == glob.npos ? executable_name(facts) : facts.exe); });
}

}  // namespace suture

// Rules on executables, cgroups, pids and ports: see process_filter.h.
#include "process/process_filter.h"

#include <algorithm>

#include "base/glob.h"
#include "process/command_line.h"

namespace suture {
namespace {

bool executable_matches(const std::vector<std::string>& globs, const ProcessFacts& facts) {
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
    const bool whole_path = glob.find('/') != std::string::npos;
    return glob_matches(glob, whole_path ? facts.exe : executable_name(facts));
  });
}

template <typename T>
bool contains(const std::vector<T>& list, T value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

FilterReason first_match(const FilterRules::Side& side, const ProcessFacts& facts) {
  if (executable_matches(side.executables, facts)) return FilterReason::Executable;
  for (const std::string& glob : side.cgroups)
    if (glob_matches(glob, facts.cgroup_path)) return FilterReason::Cgroup;
  if (contains(side.pids, facts.pid)) return FilterReason::Pid;
  return FilterReason::None;
}

}  // namespace

Decision ProcessFilter::decide(const ProcessFacts& facts) const {
  if (const FilterReason reason = first_match(rules_.exclude, facts); reason != FilterReason::None)
    return {false, reason};
  if (!decides(rules_.include) || first_match(rules_.include, facts) != FilterReason::None) return {};
  return {false, FilterReason::NotIncluded};
}

Decision ProcessFilter::decide_port(std::uint16_t port) const {
  if (contains(rules_.exclude.ports, port)) return {false, FilterReason::Port};
  if (rules_.include.ports.empty() || contains(rules_.include.ports, port)) return {};
  return {false, FilterReason::NotIncluded};
}

}  // namespace suture

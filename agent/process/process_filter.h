#pragma once
// ProcessFilter: which processes and connections are traced. All of them, but for what the rules exclude; as soon as
// there is a rule that includes processes, only those that one of them names. An exclusion always wins.

#include <cstdint>
#include <string>
#include <vector>

#include "process/process_facts.h"

namespace suture {

/// Globs as in base/glob.h.
struct FilterRules {
  struct Side {
    std::vector<std::string> executables = {};  // globs: of the whole path if they hold a '/', else of the file name
    std::vector<std::string> cgroups = {};      // globs of the whole path
    std::vector<std::uint32_t> pids = {};       // in the initial PID namespace
    std::vector<std::uint16_t> ports = {};      // of the serving end
  };
  Side include = {}, exclude = {};
};

enum class FilterReason : std::uint8_t { None, Executable, Cgroup, Pid, Port, NotIncluded };

struct Decision {
  bool keep = true;
  FilterReason reason = FilterReason::None;  // of an exclusion
};

class ProcessFilter {
 public:
  explicit ProcessFilter(FilterRules rules) : rules_(std::move(rules)) {}

  Decision decide(const ProcessFacts& facts) const;
  /// False: decide() keeps everything, and nobody need find out what a process is.
  bool decides_processes() const { return decides(rules_.include) || decides(rules_.exclude); }

  /// `port`: of the serving end of a connection, which only the connection knows. Asked besides decide().
  Decision decide_port(std::uint16_t port) const;

 private:
  static bool decides(const FilterRules::Side& side) {
    return !side.executables.empty() || !side.cgroups.empty() || !side.pids.empty();
  }

  FilterRules rules_;
};

}  // namespace suture

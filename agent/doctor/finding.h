#pragma once
// Finding: what one check of `suture doctor` found. A passive record; report.h makes text, JSON and an exit code of
// many.

#include <cstdint>
#include <string>
#include <string_view>

namespace suture {

enum class FindingState : std::uint8_t {
  Pass,
  Warn,  // the agent works, with less
  Fail,  // the agent does not do its work
  Skip,  // not tried, or not needed: says nothing against this host
};

struct Finding {
  std::string id;  // stable: scripts match it
  FindingState state = FindingState::Pass;
  std::string found;
  std::string needed;
  std::string mend;  // "" where there is nothing to mend
};

/// "pass", "warn", "fail", "skip".
std::string_view name_of(FindingState state);

}  // namespace suture

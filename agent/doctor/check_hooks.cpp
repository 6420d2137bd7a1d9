// Each mechanism of each hook point, as it was really attached.

#include <algorithm>

#include <fmt/format.h>

#include "doctor/checks.h"

namespace suture {
namespace {

constexpr const char* kMendAttach = "mend the failures above first; else the reason found says what this kernel lacks";

/// A mechanism of the hook point socket io, with the tries of what goes with it.
struct IoTry {
  const HookAttempt* io = nullptr;
  const HookAttempt* state = nullptr;  // nullptr: not tried, as the mechanism itself did not attach
  const HookAttempt* sweep = nullptr;
};

struct Tries {
  const HookAttempt* process_life = nullptr;
  std::vector<IoTry> io;  // best first
};

Tries sort_out(const std::vector<HookAttempt>& attempts) {
  Tries tries;
  for (const HookAttempt& attempt : attempts) {
    if (attempt.hook_point == "process life") tries.process_life = &attempt;
    else if (attempt.hook_point == "socket io") tries.io.push_back({&attempt, nullptr, nullptr});
    else if (tries.io.empty()) continue;
    else if (attempt.hook_point == "socket state") tries.io.back().state = &attempt;
    else if (attempt.hook_point == "sweep") tries.io.back().sweep = &attempt;
  }
  return tries;
}

/// The one that the agent would take: it takes the first whose own programs attach.
const IoTry* chosen_of(const Tries& tries, HookChoice choice) {
  const auto found = std::find_if(tries.io.begin(), tries.io.end(), [choice](const IoTry& t) {
    return t.io->attached && (choice == HookChoice::Auto || t.io->mechanism == name_of(choice));
  });
  return found == tries.io.end() ? nullptr : &*found;
}

Finding judge_attempt(std::string id, const HookAttempt* attempt, FindingState without, const char* needed,
                      const char* mend) {
  if (!attempt) return {std::move(id), FindingState::Skip, "not tried: no mechanism for socket io", needed, ""};
  if (attempt->attached) return {std::move(id), FindingState::Pass, attempt->mechanism + " attached", needed, ""};
  return {std::move(id), without, attempt->mechanism + ": " + attempt->problem, needed, mend};
}

Finding socket_io(const Tries& tries, const IoTry* chosen, HookChoice choice) {
  std::string names;
  for (const IoTry& t : tries.io)
    if (choice == HookChoice::Auto || t.io->mechanism == name_of(choice))
      names += (names.empty() ? "" : ", ") + t.io->mechanism;
  const bool forced = choice != HookChoice::Auto;
  Finding finding{"hook.socket-io", FindingState::Pass, "", (forced ? "" : "one of ") + names, ""};
  if (chosen) {
    finding.found = chosen->io->mechanism + " attached";
    return finding;
  }
  finding.state = FindingState::Fail;
  finding.found = "none attached";
  finding.mend = forced ? "try --hooks=auto" : kMendAttach;
  return finding;
}

const char* needs_of(std::string_view mechanism) {
  for (const IoMechanism& m : io_mechanisms())
    if (name_of(m.choice) == mechanism) return m.needs;
  return "";
}

/// Information: another mechanism does as well.
Finding single(const IoTry& t) {
  Finding finding{"hook.socket-io." + t.io->mechanism, FindingState::Pass, "attached", needs_of(t.io->mechanism), ""};
  const HookAttempt* problem = !t.io->attached ? t.io : t.state && !t.state->attached ? t.state : nullptr;
  if (problem) {
    finding.state = FindingState::Skip;
    finding.found = problem == t.state ? "socket state: " + problem->problem : problem->problem;
  } else if (t.sweep && !t.sweep->attached) {
    finding.found = "attached, without sweep: " + t.sweep->problem;
  }
  return finding;
}

}  // namespace

std::vector<HookAttempt> refused_attempts() {
  constexpr const char* kProblem = "not permitted: needs CAP_BPF and CAP_PERFMON";
  std::vector<HookAttempt> attempts{{"process life", "sched_process_*", false, kProblem}};
  for (const IoMechanism& m : io_mechanisms())
    attempts.push_back({"socket io", std::string(name_of(m.choice)), false, kProblem});
  return attempts;
}

std::vector<Finding> check_hooks(const std::vector<HookAttempt>& attempts, HookChoice choice) {
  const Tries tries = sort_out(attempts);
  const IoTry* chosen = chosen_of(tries, choice);
  std::vector<Finding> findings;
  findings.push_back(judge_attempt("hook.process-life", tries.process_life, FindingState::Fail,
                                   "exec, fork and exit seen", kMendAttach));
  findings.push_back(socket_io(tries, chosen, choice));
  for (const IoTry& t : tries.io) findings.push_back(single(t));
  findings.push_back(judge_attempt("hook.socket-state", chosen ? chosen->state : nullptr, FindingState::Fail,
                                   "connections seen to open and close", kMendAttach));
  findings.push_back(judge_attempt("hook.sweep", chosen ? chosen->sweep : nullptr, FindingState::Warn,
                                   "ends of messages told within a second",
                                   "update the kernel (map iterators over sockets: Linux 5.10)"));
  for (const HookAttempt& attempt : attempts)
    if (attempt.hook_point == "wake")
      findings.push_back(judge_attempt("hook.wake", &attempt, FindingState::Warn, "requests handed to pools of threads linked",
                                       "update the kernel (registers of sleeping threads: Linux 5.15)"));
  return findings;
}

}  // namespace suture

#include "propagation/sentence.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace suture {
namespace {

constexpr std::size_t kPidsNamed = 4;  // nobody looks at more

/// Of requests without the context, or with another one, of all that were `tested`.
struct Words {
  PropagationState state;
  std::string_view always, sometimes, meaning;
};
constexpr Words kDrops{PropagationState::Dropped, "receives a context and sends none to", "drops the trace context in some requests to",
                       "it drops the trace context"};
constexpr Words kRestarts{PropagationState::Restarted, "receives a context and sends another to", "starts a new trace in some requests to",
                          "it starts a new trace"};

std::string broken_sentence(const PropagationFinding& finding, HowOften how_often, const Words& words) {
  const bool always = how_often == HowOften::Always;
  std::string out = fmt::format("{} {} {}: {} of {} linked requests", who(finding.service, finding.pids), always ? words.always : words.sometimes,
                                finding.peer, finding.sent[words.state], finding.sent.tested());
  if (always) out += fmt::format("; {}", words.meaning);
  else if (!finding.routes.empty()) out += fmt::format("; always on {}", fmt::join(finding.routes, ", "));
  return out;
}

std::string untold_sentence(const PropagationFinding& finding) {
  const std::string begin = fmt::format("cannot tell whether {} passes the context on to {}", who(finding.service, finding.pids), finding.peer);
  const std::uint64_t tested = finding.sent.tested(), unlinked = finding.sent[PropagationState::Unlinked];
  if (tested == 0) return fmt::format("{}: no linked requests ({} are not linked to the one that caused them)", begin, unlinked);
  const std::uint64_t broken = finding.sent[PropagationState::Dropped] + finding.sent[PropagationState::Restarted];
  return fmt::format("{} yet: {} of {} linked requests did not; {} of one kind would tell", begin, broken, tested, kObservations);
}

}  // namespace

std::string who(const std::string& service, const std::vector<std::uint32_t>& pids) {
  if (pids.empty()) return service + " (ended)";
  if (pids.size() > kPidsNamed) return fmt::format("{} ({} processes)", service, pids.size());
  return fmt::format("{} (pid{} {})", service, pids.size() > 1 ? "s" : "", fmt::join(pids, ", "));
}

std::string sentence_of(const PropagationFinding& finding) {
  const PropagationVerdict& verdict = finding.verdict;
  std::string out;
  if (verdict.drops == HowOften::Always || verdict.drops == HowOften::Sometimes) out = broken_sentence(finding, verdict.drops, kDrops);
  if (verdict.restarts == HowOften::Always || verdict.restarts == HowOften::Sometimes)
    out += (out.empty() ? "" : "; ") + broken_sentence(finding, verdict.restarts, kRestarts);
  if (!out.empty()) return out;
  if (verdict.passes() || finding.sent.tested() + finding.sent[PropagationState::Unlinked] == 0) return "";
  return untold_sentence(finding);
}

}  // namespace suture

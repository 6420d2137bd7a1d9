#include "conn/untraced.h"

namespace suture {

void Untraced::on_connection(const event_connection& event) {
  if (event.verdict == VERDICT_UNKNOWN || event.verdict >= VERDICT_IGNORED) return;
  const auto verdict = static_cast<connection_verdict>(event.verdict);
  const ProcessKey key{event.tgid, event.process_start_ns};
  if (suspects_.size() >= kMaxProcesses && suspects_.find(key) == suspects_.end()) {
    std::erase_if(suspects_, [](const auto& entry) { return entry.second.settled; });
    if (suspects_.size() >= kMaxProcesses) return;
  }
  Suspect& suspect = suspects_[key];
  if (suspect.settled) return;
  if (verdict == VERDICT_HTTP || verdict == VERDICT_UPGRADED) {
    suspect.settled = true;
    suspect.connections.clear();
    return;
  }
  if (suspect.since_ns == 0) suspect.since_ns = event.header.time_ns;
  suspect.verdict = suspect.verdict == VERDICT_UNKNOWN || suspect.verdict == verdict ? verdict : VERDICT_OTHER;
  if (suspect.connections.size() < kMaxConnections) suspect.connections.insert(event.connection);
}

std::vector<UntracedProcess> Untraced::take_due(std::uint64_t now_ns) {
  std::vector<UntracedProcess> due;
  for (auto& [process, suspect] : suspects_) {
    if (suspect.settled || suspect.since_ns == 0 || now_ns < suspect.since_ns + kPatienceNs) continue;
    due.push_back({process, suspect.verdict, suspect.connections.size()});
    suspect.settled = true;
    suspect.connections.clear();
  }
  return due;
}

}  // namespace suture

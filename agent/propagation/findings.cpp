#include "propagation/findings.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace suture {
namespace {

constexpr std::size_t kRoutesNamed = 8;  // more are read in the table

bool happens(HowOften how_often) { return how_often == HowOften::Sometimes || how_often == HowOften::Always; }

/// Names in `finding` the routes that explain why only some of its requests are broken.
void name_routes(const std::vector<PropagationRow>& rows, PropagationFinding& finding) {
  if (finding.verdict.drops != HowOften::Sometimes && finding.verdict.restarts != HowOften::Sometimes) return;
  for (const PropagationRow& row : rows) {
    if (row.service != finding.service || row.peer != finding.peer) continue;
    const PropagationVerdict verdict = judge(row.sent);
    if (finding.routes.size() < kRoutesNamed && (verdict.drops == HowOften::Always || verdict.restarts == HowOften::Always)) finding.routes.push_back(row.route);
  }
}

}  // namespace

bool PropagationFinding::broken() const { return happens(verdict.drops) || happens(verdict.restarts); }

std::vector<PropagationRow> current_rows(std::vector<PropagationRow> rows) {
  std::set<std::string> living;
  for (const PropagationRow& row : rows)
    if (!row.pids.empty()) living.insert(row.service);
  std::erase_if(rows, [&](const PropagationRow& row) { return row.pids.empty() && living.contains(row.service); });
  return rows;
}

std::vector<PropagationFinding> findings_of(const std::vector<PropagationRow>& rows) {
  std::set<std::string> informed;  // services that have received a context
  for (const PropagationRow& row : rows)
    if (row.received.with > 0) informed.insert(row.service);
  std::vector<PropagationFinding> findings;
  for (const PropagationRow& row : rows) {
    if (row.peer.empty() || !informed.contains(row.service)) continue;
    if (findings.empty() || findings.back().service != row.service || findings.back().peer != row.peer)
      findings.push_back({row.service, {}, row.peer, {}, {}, {}});
    PropagationFinding& finding = findings.back();
    finding.sent.add(row.sent);
    finding.pids.insert(finding.pids.end(), row.pids.begin(), row.pids.end());
  }
  for (PropagationFinding& finding : findings) {
    std::sort(finding.pids.begin(), finding.pids.end());
    finding.pids.erase(std::unique(finding.pids.begin(), finding.pids.end()), finding.pids.end());
    finding.verdict = judge(finding.sent);
    name_routes(rows, finding);
  }
  std::sort(findings.begin(), findings.end(), [](const PropagationFinding& a, const PropagationFinding& b) {
    if (a.broken() != b.broken()) return a.broken();
    return std::tie(a.service, a.peer) < std::tie(b.service, b.peer);
  });
  return findings;
}

}  // namespace suture

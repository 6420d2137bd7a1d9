#include "propagation/report.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "propagation/sentence.h"

namespace suture {
namespace {

constexpr std::string_view kKey =
    "\nIN: requests received with / without a context. Of those sent, linked to one with a context: PASSED on, UNCHANGED (as a proxy\n"
    "does), DROPPED, RESTARTED (another trace); to one without: BEGUN (a context), WITHOUT; UNLINKED: to none, so nobody knows.\n\n";

using Cells = std::array<std::string, 12>;

Cells head_cells() {
  return {"SERVICE", "ROUTE", "IN", "TO", "PASSED", "UNCHANGED", "DROPPED", "RESTARTED", "BEGUN", "WITHOUT", "UNLINKED", "VERDICT"};
}

Cells cells_of(const PropagationRow& row) {
  Cells cells{who(row.service, row.pids), row.route.empty() ? "-" : row.route, fmt::format("{}/{}", row.received.with, row.received.without),
              row.peer.empty() ? "-" : row.peer};
  for (std::size_t state = 0; state < kPropagationStates; ++state) cells[4 + state] = std::to_string(row.sent.of[state]);
  cells.back() = word_for(row.sent);
  return cells;
}

bool is_number(std::size_t column) { return column == 2 || (column >= 4 && column < 4 + kPropagationStates); }

std::string line_of(const Cells& cells, const std::array<std::size_t, 12>& widths) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i)
    line += is_number(i) ? fmt::format("{:>{}}  ", cells[i], widths[i]) : fmt::format("{:<{}}  ", cells[i], widths[i]);
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

void append_table(const std::vector<PropagationRow>& rows, std::size_t max_bytes, std::string& out) {
  std::vector<Cells> lines{head_cells()};
  for (const PropagationRow& row : rows) lines.push_back(cells_of(row));
  std::array<std::size_t, 12> widths{};
  for (const Cells& cells : lines)
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  out += kKey;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (out.size() + kLongestReportLine > max_bytes) {
      out += fmt::format("{} more rows have no room here\n", lines.size() - i);
      return;
    }
    out += line_of(lines[i], widths);
  }
}

}  // namespace

std::string to_text(const PropagationReport& report, std::size_t max_bytes) {
  if (report.rows.empty()) return "no request has been received yet: nothing is known of propagation\n";
  const std::vector<PropagationFinding> findings = findings_of(report.rows);
  std::string out;
  if (findings.empty() || !findings.front().broken()) out += "no service is seen to drop the trace context\n";
  for (const PropagationFinding& finding : findings)
    if (const std::string sentence = sentence_of(finding); !sentence.empty() && out.size() + kLongestReportLine < max_bytes / 2) out += sentence + "\n";
  append_table(report.rows, max_bytes, out);
  if (report.not_followed > 0) out += fmt::format("{} requests were not followed, for want of room\n", report.not_followed);
  return out;
}

}  // namespace suture

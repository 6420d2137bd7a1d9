#pragma once
// Report: the doctor of propagation in words, and the same for machines.

#include <cstdint>
#include <string>
#include <vector>

#include "propagation/findings.h"

namespace suture {

/// Of a row or a finding, about: names have 128 bytes at most, and some of these are written as six characters.
inline constexpr std::size_t kLongestReportLine = 6144;

enum class ReportForm : std::uint8_t { Text, Json };

struct PropagationReport {
  std::vector<PropagationRow> rows;  // as findings_of() takes them
  std::uint64_t not_followed = 0;    // requests
};

/// Who breaks traces and who cannot be judged, a sentence each, and the table behind it. Rows that would make it longer than
/// `max_bytes` are left out, and counted.
std::string to_text(const PropagationReport& report, std::size_t max_bytes);

/// {"findings": [...], "rows": [...], "rows_left_out": n, "not_followed": n}; docs/context.md says what is in them.
std::string to_json(const PropagationReport& report, std::size_t max_bytes);

}  // namespace suture

#include "doctor/report.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "export/console/color.h"
#include "base/json_writer.h"

namespace suture {
namespace {

// A column is padded up to here; a longer text (a kernel's complaint) pushes the rest of its own line only.
constexpr std::size_t kMaxColumn = 44;

/// One line, whatever the kernel or a backend said.
std::string one_line(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; }, ' ');
  return text;
}

std::string_view color_of(FindingState state) {
  switch (state) {
    case FindingState::Pass: return sgr::kGreen;
    case FindingState::Warn: return sgr::kYellow;
    case FindingState::Fail: return sgr::kBoldRed;
    case FindingState::Skip: return sgr::kDim;
  }
  return {};
}

using Row = std::array<std::string, 5>;

Row row_of(const Finding& finding) {
  return {std::string(name_of(finding.state)), one_line(finding.id), one_line(finding.found), one_line(finding.needed),
          one_line(finding.mend)};
}

std::string line_of(const Row& row, const std::array<std::size_t, 5>& widths, std::string_view first_color,
                    std::string_view line_color) {
  std::string line(line_color);
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i == 0 && !first_color.empty()) line.append(first_color).append(row[i]).append(sgr::kReset);
    else line += row[i];
    const bool more = std::any_of(row.begin() + static_cast<std::ptrdiff_t>(i) + 1, row.end(),
                                  [](const std::string& text) { return !text.empty(); });
    if (!more) break;
    line.append(widths[i] > row[i].size() ? widths[i] - row[i].size() : 0, ' ').append("  ");
  }
  if (!line_color.empty()) line += sgr::kReset;
  return line + "\n";
}

std::size_t count(std::span<const Finding> findings, FindingState state) {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(), [state](const Finding& f) { return f.state == state; }));
}

}  // namespace

std::string_view name_of(FindingState state) {
  switch (state) {
    case FindingState::Pass: return "pass";
    case FindingState::Warn: return "warn";
    case FindingState::Fail: return "fail";
    case FindingState::Skip: return "skip";
  }
  return "";
}

std::string to_text(std::span<const Finding> findings, bool color) {
  const Row heading{"", "check", "found", "needed", "how to mend"};
  std::array<std::size_t, 5> widths{};
  const auto widen = [&widths](const Row& row) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], std::min(row[i].size(), kMaxColumn));
  };
  widen(heading);
  for (const Finding& finding : findings) widen(row_of(finding));

  std::string text = line_of(heading, widths, {}, color ? sgr::kBold : std::string_view());
  for (const Finding& finding : findings)
    text += line_of(row_of(finding), widths, color ? color_of(finding.state) : std::string_view(), {});
  return text;
}

std::string to_json(std::span<const Finding> findings) {
  std::string text;
  JsonWriter json(text);
  json.begin_array();
  for (const Finding& finding : findings) {
    json.begin_object();
    json.key("id");
    json.text(finding.id);
    json.key("state");
    json.text(name_of(finding.state));
    json.key("found");
    json.text(finding.found);
    json.key("needed");
    json.text(finding.needed);
    json.key("mend");
    json.text(finding.mend);
    json.end_object();
  }
  json.end_array();
  return text + "\n";
}

std::string summary_of(std::span<const Finding> findings) {
  const std::size_t warnings = count(findings, FindingState::Warn), failures = count(findings, FindingState::Fail);
  return fmt::format("{} passed, {} warning{}, {} failure{}, {} skipped", count(findings, FindingState::Pass), warnings,
                     warnings == 1 ? "" : "s", failures, failures == 1 ? "" : "s", count(findings, FindingState::Skip));
}

int exit_code_of(std::span<const Finding> findings) {
  if (count(findings, FindingState::Fail)) return 2;
  return count(findings, FindingState::Warn) ? 1 : 0;
}

}  // namespace suture

#include "export/console/waterfall.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "export/console/color.h"
#include "export/console/duration_text.h"
#include "export/console/terminal_text.h"
#include "export/console/trace_tree.h"

namespace suture {
namespace {

constexpr std::size_t kMinColumns = 60;
constexpr std::size_t kMaxColumns = 200;
constexpr std::size_t kMaxLines = 100;  // of one trace; a longer one would push all others off the screen
constexpr std::size_t kMargin = 2;
constexpr std::size_t kGap = 2;
constexpr std::size_t kArrow = 2;        // and a blank
constexpr std::size_t kMinBarShare = 6;  // of the line: a sixth at least, or times cannot be told apart
constexpr std::size_t kMaxBar = 40;

/// Text that knows whether it may be coloured.
class Ink {
 public:
  explicit Ink(bool color) : color_(color) {}

  void write(std::string_view text) { out_ += text; }
  void write(std::string_view color, std::string_view text) {
    if (!color_ || color.empty() || text.empty()) return write(text);
    out_ += color;
    out_ += text;
    out_ += sgr::kReset;
  }
  void blanks(std::size_t count) { out_.append(count, ' '); }
  std::string take() && { return std::move(out_); }

 private:
  std::string out_;
  const bool color_;
};

/// One line's words, and the widths of its columns over all lines of the trace.
struct Words {
  const TraceRow* row;
  std::string branches;
  std::string label;
  std::string duration;
  std::size_t name_columns() const { return columns_of(branches) + (row->weak ? 2 : 0) + columns_of(row->service); }
};

struct Layout {
  std::size_t name = 0;
  std::size_t label = 0;
  std::size_t result = 0;
  std::size_t duration = 0;
  std::size_t bar = 0;
};

struct TimeScale {
  std::int64_t begin;
  std::int64_t end;
};

std::string label_of(const TreeLine& line) {
  const TraceRow& row = *line.row;
  std::string label = row.name;
  // Where no server of ours answers below, the line has to say itself who was asked.
  const bool to_stranger = row.kind == SpanKind::Client && !line.has_children;
  const std::string target = (to_stranger ? row.authority : std::string()) + row.path;
  if (!target.empty()) label += (label.empty() ? "" : " ") + target;
  return label;
}

/// Gives the bar what the words leave, and cuts the labels before the bar becomes too short to read.
Layout layout_of(const std::vector<Words>& lines, std::size_t columns) {
  Layout layout;
  for (const Words& words : lines) {
    layout.name = std::max(layout.name, words.name_columns());
    layout.label = std::max(layout.label, columns_of(words.label));
    layout.result = std::max({layout.result, columns_of(words.row->result), std::size_t{3}});
    layout.duration = std::max({layout.duration, columns_of(words.duration), std::size_t{7}});
  }
  layout.name = std::min(layout.name, columns * 35 / 100);
  const std::size_t fixed =
      kMargin + layout.name + kGap + kArrow + kGap + layout.result + kGap + layout.duration + kGap;
  const std::size_t left = columns > fixed ? columns - fixed : 0;
  const std::size_t for_bar = left > layout.label ? left - layout.label : 0;
  layout.bar = std::clamp(for_bar, columns / kMinBarShare, kMaxBar);
  layout.label = std::min(layout.label, left > layout.bar ? left - layout.bar : 0);
  return layout;
}

std::string_view color_of_result(const TraceRow& row) {
  if (row.http_status >= 500 || (row.failed && row.http_status == 0)) return sgr::kBoldRed;
  if (row.http_status >= 400) return sgr::kYellow;
  if (row.http_status >= 300) return sgr::kCyan;
  if (row.http_status != 0) return sgr::kGreen;
  return {};
}

/// Eighths of a cell show the end exactly; the start is that of its cell. What is too short to see is shown as a
/// sliver.
std::string bar_of(const TraceRow& row, const TimeScale& scale, std::size_t width) {
  static constexpr std::string_view kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double total = std::max(1.0, static_cast<double>(scale.end - scale.begin));
  const double eighths = static_cast<double>(width) * 8;
  const auto position = [&](std::int64_t ns) {
    const double part = static_cast<double>(ns - scale.begin) / total;
    return static_cast<std::size_t>(std::clamp(part * eighths, 0.0, eighths));
  };
  const std::size_t first_cell = std::min(position(row.start_ns) / 8, width - 1);
  const std::size_t end = std::clamp(position(row.end_ns), first_cell * 8 + 1, width * 8);
  const std::size_t length = end - first_cell * 8;
  std::string bar(first_cell, ' ');
  for (std::size_t i = 0; i < length / 8; ++i) bar += "█";
  bar += kEighths[length % 8];
  return bar;
}

TimeScale scale_of(const std::vector<TraceRow>& rows) {
  TimeScale scale{rows.front().start_ns, rows.front().end_ns};
  for (const TraceRow& row : rows) {
    scale.begin = std::min(scale.begin, row.start_ns);
    scale.end = std::max(scale.end, row.end_ns);
  }
  return scale;
}

void draw_head(Ink& ink, const FinishedTrace& trace, const TimeScale& scale) {
  const std::size_t count = trace.rows.size();
  ink.write(sgr::kBold, "trace ");
  ink.write(sgr::kDim, to_hex(trace.rows.front().trace));
  ink.write("  " + std::to_string(count) + (count == 1 ? " span  " : " spans  "));
  ink.write(sgr::kBold, duration_text(scale.end - scale.begin));
  if (!trace.complete) {
    ink.blanks(kGap);
    ink.write(sgr::kYellow, "incomplete");
  }
  const auto& rows = trace.rows;
  if (std::any_of(rows.begin(), rows.end(), [](const TraceRow& row) { return row.weak; })) {
    ink.blanks(kGap);
    ink.write(sgr::kYellow, "~ likely link");
  }
  ink.write("\n");
}

void draw_line(Ink& ink, const Words& words, const Layout& layout, const TimeScale& scale) {
  const TraceRow& row = *words.row;
  const std::string_view service_color = color_of(row.service);
  ink.blanks(kMargin);
  ink.write(sgr::kDim, words.branches);
  if (row.weak) ink.write(sgr::kYellow, "~ ");
  const std::size_t before = columns_of(words.branches) + (row.weak ? 2 : 0);
  const std::string service = terminal_text(row.service, layout.name > before ? layout.name - before : 0);
  ink.write(service_color, service);
  ink.blanks(layout.name - std::min(layout.name, before + columns_of(service)) + kGap);

  ink.write(sgr::kDim, row.kind == SpanKind::Client ? "→ " : row.kind == SpanKind::Server ? "← " : "· ");
  const std::string label = terminal_text(words.label, layout.label);
  ink.write(label);
  ink.blanks(layout.label - columns_of(label) + kGap);
  ink.write(color_of_result(row), row.result);
  ink.blanks(layout.result - columns_of(row.result) + kGap + layout.duration - columns_of(words.duration));
  ink.write(words.duration);
  ink.blanks(kGap);
  ink.write(row.failed ? sgr::kRed : service_color, bar_of(row, scale, layout.bar));
  ink.write("\n");
}

}  // namespace

std::string draw_trace(const FinishedTrace& trace, const WaterfallStyle& style) {
  if (trace.rows.empty()) return {};
  std::vector<TreeLine> tree = tree_of(trace.rows);
  const std::size_t hidden = tree.size() > kMaxLines ? tree.size() - kMaxLines : 0;
  tree.resize(tree.size() - hidden);

  std::vector<Words> lines;
  for (const TreeLine& line : tree)
    lines.push_back({.row = line.row,
                     .branches = line.branches,
                     .label = label_of(line),
                     .duration = duration_text(line.row->end_ns - line.row->start_ns)});
  const auto columns = static_cast<std::size_t>(std::max(style.columns, 0));
  const Layout layout = layout_of(lines, std::clamp(columns, kMinColumns, kMaxColumns));
  const TimeScale scale = scale_of(trace.rows);

  Ink ink(style.color);
  draw_head(ink, trace, scale);
  for (const Words& words : lines) draw_line(ink, words, layout, scale);
  if (hidden != 0)
    ink.write(sgr::kDim, "  … " + std::to_string(hidden) + (hidden == 1 ? " more span\n" : " more spans\n"));
  ink.write("\n");
  return std::move(ink).take();
}

}  // namespace suture

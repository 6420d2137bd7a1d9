#include "export/console/terminal_text.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace suture {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Characters that show nothing, or turn what follows around (Unicode general categories Cc, Cf, Zl, Zp).
constexpr auto kInvisible = std::to_array<Range>({{0x00, 0x1F},
                                                  {0x7F, 0x9F},
                                                  {0xAD, 0xAD},
                                                  {0x61C, 0x61C},
                                                  {0x180E, 0x180E},
                                                  {0x200B, 0x200F},
                                                  {0x2028, 0x202E},
                                                  {0x2060, 0x206F},
                                                  {0xFE00, 0xFE0F},
                                                  {0xFEFF, 0xFEFF},
                                                  {0xFFF9, 0xFFFB},
                                                  {0xE0000, 0xE0FFF}});

// The blocks of combining marks; a mark elsewhere is measured one column too wide, which only bends a line.
constexpr auto kCombining = std::to_array<Range>({{0x300, 0x36F},
                                                  {0x483, 0x489},
                                                  {0x591, 0x5BD},
                                                  {0x64B, 0x65F},
                                                  {0x1AB0, 0x1AFF},
                                                  {0x1DC0, 0x1DFF},
                                                  {0x20D0, 0x20FF},
                                                  {0xFE20, 0xFE2F}});

// East Asian Width W and F (Unicode Standard Annex 11), by block, and emoji.
constexpr auto kWide = std::to_array<Range>({{0x1100, 0x115F},
                                             {0x2E80, 0x303E},
                                             {0x3041, 0x33FF},
                                             {0x3400, 0x4DBF},
                                             {0x4E00, 0x9FFF},
                                             {0xA000, 0xA4CF},
                                             {0xAC00, 0xD7A3},
                                             {0xF900, 0xFAFF},
                                             {0xFE30, 0xFE6F},
                                             {0xFF00, 0xFF60},
                                             {0xFFE0, 0xFFE6},
                                             {0x1F300, 0x1F64F},
                                             {0x1F680, 0x1F6FF},
                                             {0x1F900, 0x1FAFF},
                                             {0x20000, 0x3FFFD}});

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(), [c](Range range) { return c >= range.first && c <= range.last; });
}

std::size_t width_of(char32_t c) {
  if (c < 0x300) return 1;
  if (within(kCombining, c)) return 0;
  return within(kWide, c) ? 2 : 1;
}

/// The length of the escape sequence (ECMA-48 5.4, 5.6) whose introducer `text` begins with: at least the introducer.
std::size_t escape_length(std::string_view text) {
  if (text.size() < 2) return text.size();
  const char kind = text[1];
  if (kind == '[') {  // CSI: parameters, up to a final byte
    std::size_t at = 2;
    while (at < text.size() && text[at] >= 0x20 && text[at] <= 0x3F) ++at;
    const bool has_final = at < text.size() && text[at] >= 0x40 && text[at] <= 0x7E;
    return has_final ? at + 1 : at;
  }
  if (std::string_view("]PX^_").find(kind) != std::string_view::npos) {  // a string, up to BEL or ESC
    const std::size_t end = text.find_first_of("\a\x1b", 2);
    if (end == std::string_view::npos) return text.size();
    const bool terminated = text[end] == '\x1b' && end + 1 < text.size() && text[end + 1] == '\\';
    return text[end] == '\a' ? end + 1 : terminated ? end + 2 : end;
  }
  return 2;
}

}  // namespace

std::string terminal_text(std::string_view hostile, std::size_t max_columns) {
  std::string out;
  std::size_t columns = 0;
  std::size_t cut_at = 0;  // where "…" would go: the end of what fits beside it
  while (!hostile.empty()) {
    if (hostile.front() == '\x1b') {
      hostile.remove_prefix(escape_length(hostile));
      continue;
    }
    Utf8Step step = next_code_point(hostile);
    hostile.remove_prefix(step.bytes);
    if (step.code_point == '\t' || step.code_point == '\n' || step.code_point == '\r') step.code_point = ' ';
    if (within(kInvisible, step.code_point)) continue;

    const std::size_t width = width_of(step.code_point);
    if (columns + width > max_columns) {
      out.resize(cut_at);
      if (max_columns != 0) out += "…";
      return out;
    }
    if (step.code_point == ' ') {
      out.push_back(' ');
    } else if (!step.valid) {
      out += "\xEF\xBF\xBD";
    } else {
      out.append(hostile.data() - step.bytes, step.bytes);
    }
    columns += width;
    if (columns + 1 <= max_columns) cut_at = out.size();
  }
  return out;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Utf8Step step = next_code_point(text);
    columns += width_of(step.code_point);
    text.remove_prefix(step.bytes);
  }
  return columns;
}

}  // namespace suture

#include "export/console/terminal_text.h"

#include <gtest/gtest.h>

#include "export/console/color.h"
#include "export/console/duration_text.h"

namespace suture {
namespace {

struct Vector {
  std::string_view hostile;
  std::string_view shown;
};

TEST(TerminalText, LetsNothingThroughThatATerminalWouldObey) {
  const Vector vectors[] = {
      {"/plain?a=b", "/plain?a=b"},
      {"a\x1b[31;1mred\x1b[0mb", "aredb"},  // colours
      {"a\x1b[2J\x1b[1;1Hb", "ab"},         // clears the screen, moves the cursor
      {"a\x1b]0;title\x07"
       "b",
       "ab"},                                // a window title, ended by BEL
      {"a\x1b]52;c;c2VjcmV0\x1b\\b", "ab"},  // writes the clipboard, ended by ST
      {"a\x1bP+q544e\x1b\\b", "ab"},         // a device query
      {"a\x1b"
       "cb",
       "ab"},  // resets the terminal
      {"a\x1b]0;never ended", "a"},
      {"a\x1b[", "a"},
      {"a\x1b", "a"},
      {"a\x1b]x\x1b[31mb", "ab"},  // a sequence within an unfinished one
      {"a\xC2\x9B"
       "31mb",
       "a31mb"},  // C1's CSI: the introducer goes
      {"a\r\nb\tc", "a  b c"},
      {"a\b\x7f\vb", "ab"},
      {std::string_view("a\0b", 3), "ab"},
      {"a\u202Eb\u2066c\u200Bd\uFEFF", "abcd"},  // direction overrides and invisible characters
      {"a\xFF"
       "b",
       "a\uFFFDb"},
      {"größe", "größe"},
  };
  for (const Vector& vector : vectors) EXPECT_EQ(terminal_text(vector.hostile, 80), vector.shown);
}

TEST(TerminalText, CutsAtTheColumnAndSaysSo) {
  EXPECT_EQ(terminal_text("abcde", 5), "abcde");
  EXPECT_EQ(terminal_text("abcdef", 5), "abcd…");
  EXPECT_EQ(terminal_text("ab", 1), "…");
  EXPECT_EQ(terminal_text("ab", 0), "");
  EXPECT_EQ(terminal_text("日本語", 6), "日本語");
  EXPECT_EQ(terminal_text("日本語", 5), "日本…");
  EXPECT_EQ(terminal_text("日本語", 4), "日…");
}

TEST(TerminalText, MeasuresWideAndCombiningCharacters) {
  EXPECT_EQ(columns_of("abc"), 3u);
  EXPECT_EQ(columns_of("└ …→█"), 5u);
  EXPECT_EQ(columns_of("日本"), 4u);
  EXPECT_EQ(columns_of("e\u0301"), 1u);
  EXPECT_EQ(columns_of("🚀"), 2u);
}

TEST(DurationText, SaysAsMuchAsMatters) {
  const std::pair<std::int64_t, std::string_view> vectors[] = {
      {-1, "0 ns"},
      {0, "0 ns"},
      {999, "999 ns"},
      {1'000, "1.0 µs"},
      {99'999, "99.9 µs"},
      {100'000, "100 µs"},
      {999'999, "999 µs"},
      {3'400'000, "3.4 ms"},
      {1'250'000'000, "1.2 s"},
      {59'999'999'999, "59.9 s"},
      {123'000'000'000, "2 min 3 s"},
  };
  for (const auto& [ns, text] : vectors) EXPECT_EQ(duration_text(ns), text) << ns;
}

TEST(ConsoleColor, FollowsTheModeTheTerminalAndTheEnvironment) {
  struct Case {
    ColorMode mode;
    bool is_terminal;
    const char* no_color;
    const char* term;
    bool expected;
  };
  const Case cases[] = {
      {ColorMode::Auto, true, nullptr, "xterm", true}, {ColorMode::Auto, true, nullptr, nullptr, true},
      {ColorMode::Auto, true, "", "xterm", true},      {ColorMode::Auto, true, "1", "xterm", false},
      {ColorMode::Auto, true, nullptr, "dumb", false}, {ColorMode::Auto, false, nullptr, "xterm", false},
      {ColorMode::Always, false, "1", "dumb", true},   {ColorMode::Never, true, nullptr, "xterm", false},
  };
  for (const Case& test_case : cases) {
    const auto lookup = [&](const char* name) {
      return std::string_view(name) == "NO_COLOR" ? test_case.no_color : test_case.term;
    };
    EXPECT_EQ(use_color(test_case.mode, test_case.is_terminal, lookup), test_case.expected) << &test_case - cases;
  }
}

}  // namespace
}  // namespace suture

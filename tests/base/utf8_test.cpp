#include "base/utf8.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

struct Vector {
  std::string_view bytes;
  std::string_view mended;
};

// Expected forms follow the Unicode Standard 15, section 3.9 (maximal subparts) and its table 3-7.
constexpr Vector kIllFormed[] = {
    {"\x80", "\uFFFD"},                                    // a lone continuation
    {"a\xC3", "a\uFFFD"},                                  // cut short at the end
    {"\xE2\x82", "\uFFFD"},                                // cut short: one subpart, one replacement
    {"\xE2\x82z", "\uFFFDz"},                              // cut short by another character
    {"\xC0\xAF", "\uFFFD\uFFFD"},                          // overlong '/'
    {"\xE0\x80\xAF", "\uFFFD\uFFFD\uFFFD"},                // overlong '/' in three bytes
    {"\xF0\x8F\xBF\xBF", "\uFFFD\uFFFD\uFFFD\uFFFD"},      // overlong U+FFFF
    {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},                // a surrogate
    {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},      // beyond U+10FFFF
    {"\xF5\xFE\xFF", "\uFFFD\uFFFD\uFFFD"},                // bytes that never occur
    {"\xF1\x80\x80\xE1\x80\xC2z", "\uFFFD\uFFFD\uFFFDz"},  // three subparts of lengths 3, 2, 1
    {"12345678\xFF"
     "12345678",
     "12345678\uFFFD"
     "12345678"},  // beside whole words of ASCII
};

TEST(Utf8, ReplacesEveryMaximalSubpartByOneCharacter) {
  for (const Vector& vector : kIllFormed) {
    EXPECT_FALSE(is_utf8(vector.bytes)) << vector.mended;
    std::string out;
    append_utf8(out, vector.bytes);
    EXPECT_EQ(out, vector.mended);
    EXPECT_TRUE(is_utf8(out));
  }
}

TEST(Utf8, KeepsTheFirstAndLastCharacterOfEveryLength) {
  for (std::string_view text :
       {std::string_view("\0\x7F", 2), std::string_view("\u0080\u07FF"), std::string_view("\u0800\uD7FF\uE000\uFFFF"),
        std::string_view("\U00010000\U0010FFFF")}) {
    EXPECT_TRUE(is_utf8(text));
    std::string out;
    append_utf8(out, text);
    EXPECT_EQ(out, text);
  }
}

TEST(Utf8, CopiesNothingThatIsValid) {
  const std::string text = "grüße, größer als acht Bytes";
  std::string storage;
  EXPECT_EQ(as_utf8(text, storage).data(), text.data());
  EXPECT_EQ(as_utf8("caf\xE9", storage), "caf\uFFFD");
}

}  // namespace
}  // namespace suture

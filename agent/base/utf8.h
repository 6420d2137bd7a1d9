#pragma once
// UTF-8 for what services sent us: OTLP strings must be valid (protobuf and JSON alike), observed bytes need not be.

#include <cstdint>
#include <string>
#include <string_view>

namespace suture {

inline constexpr char32_t kReplacement = 0xFFFD;

/// One step through bytes that claim to be UTF-8.
struct Utf8Step {
  char32_t code_point;  // kReplacement if not valid
  std::uint8_t bytes;   // 1-4, never more than there are
  bool valid;
};

/// The first code point of `text`, which must not be empty. What is ill-formed is taken in maximal subparts, as the
/// Unicode Standard 15, section 3.9 advises, so that every reader replaces it by the same number of U+FFFD.
Utf8Step next_code_point(std::string_view text);

bool is_utf8(std::string_view text);

/// Appends `text` with everything ill-formed replaced by U+FFFD.
void append_utf8(std::string& out, std::string_view text);

/// `text` itself if it is valid, else a mended copy in `storage`. The result lives as long as both.
std::string_view as_utf8(std::string_view text, std::string& storage);

}  // namespace suture

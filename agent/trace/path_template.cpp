#include "trace/path_template.h"

#include <algorithm>

#include "trace/ascii.h"

namespace suture {
namespace {

constexpr std::size_t kMaxSegments = 8;
constexpr std::size_t kLongestWord = 40;
constexpr std::size_t kHexDigits = 8;  // as many as no word of these letters has, and short hashes do
constexpr std::size_t kDigits = 4;     // "v1", "oauth2" and "base64" are words

bool is_hex(char c) { return ascii::is_digit(c) || (ascii::to_lower(c) >= 'a' && ascii::to_lower(c) <= 'f'); }

bool is_word_character(char c) {
  return ascii::is_letter(c) || ascii::is_digit(c) || c == '-' || c == '_' || c == '.' || c == '~' || c == ':';
}

std::size_t count(std::string_view text, bool (*of)(char)) { return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), of)); }

bool is_id(std::string_view segment) {
  if (segment.size() > kLongestWord || !std::all_of(segment.begin(), segment.end(), is_word_character)) return true;
  const std::size_t digits = count(segment, ascii::is_digit);
  if (digits == 0) return false;
  const std::size_t hex = count(segment, is_hex);
  const std::size_t dashes = count(segment, [](char c) { return c == '-'; });
  return digits >= kDigits || (hex >= kHexDigits && hex + dashes == segment.size()) || count(segment, ascii::is_letter) == 0;
}

}  // namespace

std::string path_template(std::string_view path) {
  std::string out;
  for (std::size_t segments = 0; !path.empty(); ++segments) {
    if (path.front() == '/') {
      out.push_back('/');
      path.remove_prefix(1);
    }
    if (segments == kMaxSegments) return path.empty() ? out : out.append("...");
    const std::string_view segment = path.substr(0, path.find('/'));
    out.append(is_id(segment) ? "{id}" : segment);
    path.remove_prefix(segment.size());
  }
  return out;
}

}  // namespace suture

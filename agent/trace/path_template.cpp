#include "trace/path_template.h"

#include "trace/ascii.h"

namespace suture {
namespace {

constexpr std::size_t kMaxSegments = 8;
constexpr std::size_t kLongestWord = 40;
constexpr std::size_t kHexDigits = 8;  // as many as no word of these letters has, and short hashes do
constexpr std::size_t kDigits = 4;     // "v1", "oauth2" and "base64" are words
constexpr std::size_t kToken = 10;     // letters of both cases and two digits: "dQw4w9WgXcQ", but not "Mp3toWav"

bool is_hex(char c) { return ascii::is_digit(c) || (ascii::to_lower(c) >= 'a' && ascii::to_lower(c) <= 'f'); }

/// What words, versions and file names have beside letters and digits.
bool is_mark(char c) { return c == '-' || c == '_' || c == '.' || c == '~' || c == ':'; }

bool is_id(std::string_view segment) {
  if (segment.size() > kLongestWord) return true;
  std::size_t digits = 0, letters = 0, capitals = 0, hex = 0, dashes = 0;
  for (const char c : segment) {
    const bool digit = ascii::is_digit(c), letter = ascii::is_letter(c);
    if (!digit && !letter && !is_mark(c)) return true;
    digits += digit;
    letters += letter;
    capitals += letter && ascii::to_lower(c) != c;
    hex += is_hex(c);
    dashes += c == '-';
  }
  if (digits == 0) return false;
  if (segment.size() >= kToken && digits >= 2 && capitals > 0 && capitals < letters) return true;
  return digits >= kDigits || letters == 0 || (hex >= kHexDigits && hex + dashes == segment.size());
}

}  // namespace

std::string path_template(std::string_view path) {
  std::string out;
  out.reserve(path.size());
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

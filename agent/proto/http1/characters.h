#pragma once
// The characters of HTTP (RFC 9110 section 5.6): which are allowed where, comparisons without case, lists.
// All inline: the head scanner spends its time here.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace suture::http1 {

constexpr std::array<bool, 256> token_characters() {  // tchar, RFC 9110 section 5.6.2
  std::array<bool, 256> table{};
  for (char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
inline constexpr std::array<bool, 256> kToken = token_characters();

inline bool is_token(char c) { return kToken[static_cast<unsigned char>(c)]; }
inline bool is_blank(char c) { return c == ' ' || c == '\t'; }

inline std::uint64_t load(const char* p) {
  std::uint64_t word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

constexpr std::uint64_t every_byte(std::uint8_t value) { return 0x0101010101010101ull * value; }

/// Whether a byte of the word is below 0x20 or is DEL. Exact as a yes or no (a borrow passes only a byte that counts).
inline bool has_control(std::uint64_t word) {
  const std::uint64_t below = (word - every_byte(0x20)) & ~word;
  const std::uint64_t del = word ^ every_byte(0x7f);
  return ((below | ((del - every_byte(1)) & ~del)) & every_byte(0x80)) != 0;
}

inline bool is_forbidden(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

inline bool has_forbidden_slowly(const char* p, const char* end) {
  for (; p < end; ++p) {
    if (is_forbidden(*p)) return true;
  }
  return false;
}

/// Control characters other than a tab, in the part of a line before its end (RFC 9110 section 5.5, RFC 9112 2.2).
inline bool has_forbidden(const char* p, const char* end) {
  if (end - p < 8) return has_forbidden_slowly(p, end);
  for (const char* q = p; q + 8 <= end; q += 8) {
    if (has_control(load(q))) return has_forbidden_slowly(q, end);
  }
  return has_control(load(end - 8)) && has_forbidden_slowly(end - 8, end);
}

/// Compares with a literal in lower case. The text holds token characters only: among those, setting bit 5 maps none
/// but upper case letters onto letters, digits and "-".
template <std::size_t N>
bool is(const char* text, const char (&lower)[N]) {
  constexpr std::size_t length = N - 1;
  if constexpr (length >= 8) {
    for (std::size_t i = 0; i + 8 <= length; i += 8) {
      if ((load(text + i) | every_byte(0x20)) != load(lower + i)) return false;
    }
    return (load(text + length - 8) | every_byte(0x20)) == load(lower + length - 8);
  } else {
    for (std::size_t i = 0; i < length; ++i) {
      if ((text[i] | 0x20) != lower[i]) return false;
    }
    return true;
  }
}

inline bool equals(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] | 0x20) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

inline std::string_view view(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

/// A folded value (RFC 9112 section 5.2) still holds its line ends: they count as white space.
inline std::string_view trim(std::string_view text) {
  const char* const white = " \t\r\n";
  const std::size_t first = text.find_first_not_of(white);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

/// Takes the next member off a comma-separated list; empty members are skipped (RFC 9110 section 5.6.1).
inline bool next_member(std::string_view& list, std::string_view& member) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    member = trim(list.substr(0, comma));
    list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
    if (!member.empty()) return true;
  }
  return false;
}

}  // namespace suture::http1

#include "base/utf8.h"

#include <cassert>
#include <cstring>

namespace suture {
namespace {

constexpr std::string_view kReplacementBytes = "\xEF\xBF\xBD";

/// Bytes at the start of `text` that are ASCII, counted eight at a time: almost all that is exported is.
std::size_t ascii_prefix(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080ull;
  std::size_t at = 0;
  while (at + sizeof(std::uint64_t) <= text.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof word);
    if (word & kHighBits) break;
    at += sizeof word;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

/// What may follow a lead byte (Unicode Standard 15, table 3-7). Only the second byte has a range of its own.
struct Lead {
  std::uint8_t length;  // of the whole sequence; 0: no lead byte
  std::uint8_t second_min;
  std::uint8_t second_max;
};

Lead lead_of(std::uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

Utf8Step next_code_point(std::string_view text) {
  assert(!text.empty());
  const auto first = static_cast<std::uint8_t>(text[0]);
  const Lead lead = lead_of(first);
  if (lead.length == 1) return {first, 1, true};
  if (lead.length == 0) return {kReplacement, 1, false};

  char32_t code_point = first & (0x7Fu >> lead.length);
  for (std::uint8_t at = 1; at < lead.length; ++at) {
    const auto byte = at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
    const std::uint8_t min = at == 1 ? lead.second_min : std::uint8_t{0x80};
    const std::uint8_t max = at == 1 ? lead.second_max : std::uint8_t{0xBF};
    if (byte < min || byte > max) return {kReplacement, at, false};
    code_point = code_point << 6 | (byte & 0x3Fu);
  }
  return {code_point, lead.length, true};
}

bool is_utf8(std::string_view text) {
  while (true) {
    text.remove_prefix(ascii_prefix(text));
    if (text.empty()) return true;
    const Utf8Step step = next_code_point(text);
    if (!step.valid) return false;
    text.remove_prefix(step.bytes);
  }
}

void append_utf8(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t ascii = ascii_prefix(text);
    out.append(text.substr(0, ascii));
    text.remove_prefix(ascii);
    if (text.empty()) return;
    const Utf8Step step = next_code_point(text);
    out.append(step.valid ? text.substr(0, step.bytes) : kReplacementBytes);
    text.remove_prefix(step.bytes);
  }
}

std::string_view as_utf8(std::string_view text, std::string& storage) {
  if (is_utf8(text)) return text;
  storage.clear();
  append_utf8(storage, text);
  return storage;
}

}  // namespace suture

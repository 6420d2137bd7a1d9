#pragma once
// Hex digits of ids on the wire.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/ids.h"

namespace suture {

/// Value of one lower-case hex digit, or -1.
inline int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// Reads exactly `bytes.size()` bytes of lower-case hex from the start of `text`, which has as many digits.
inline bool read_hex(std::string_view text, std::span<std::uint8_t> bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = hex_digit(text[2 * i]);
    const int low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

/// A whole span id: 16 digits, not all zero.
inline bool read_span_id(std::string_view text, SpanId& out) {
  return text.size() == 16 && read_hex(text, out.bytes) && out.valid();
}

/// A whole trace id: 32 digits, or 16 of a 64-bit one, whose high half is zero then. Not all zero.
inline bool read_trace_id(std::string_view text, TraceId& out) {
  const bool whole = text.size() == 32;
  if (!whole && text.size() != 16) return false;
  return read_hex(text, std::span(out.bytes).subspan(whole ? 0 : 8)) && out.valid();
}

}  // namespace suture

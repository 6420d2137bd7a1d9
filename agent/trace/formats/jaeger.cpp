#include "trace/formats/jaeger.h"

#include <algorithm>
#include <span>

#include "trace/ascii.h"

namespace suture {
namespace {

/// Takes what stands before the next colon off `text`. Without one: all of it.
std::string_view take_part(std::string_view& text) {
  std::size_t colon = text.find(':'), length = 1;
  if (const std::size_t encoded = std::min(text.find("%3A"), text.find("%3a")); encoded < colon) colon = encoded, length = 3;
  const std::string_view part = text.substr(0, colon);
  text.remove_prefix(colon == std::string_view::npos ? text.size() : colon + length);
  return part;
}

/// Hex digits, at least one, right-aligned in `bytes`.
bool read_number(std::string_view text, std::span<std::uint8_t> bytes) {
  if (text.empty() || text.size() > 2 * bytes.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = ascii::to_lower(text[text.size() - 1 - i]);
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return false;
    bytes[bytes.size() - 1 - i / 2] |= static_cast<std::uint8_t>(digit << (i % 2 * 4));
  }
  return true;
}

}  // namespace

std::optional<TraceContext> parse_jaeger(std::string_view text) {
  TraceContext context;
  if (!read_number(take_part(text), context.trace_id.bytes) || !context.trace_id.valid()) return std::nullopt;
  if (!read_number(take_part(text), context.parent.bytes) || !context.parent.valid()) return std::nullopt;
  SpanId parents_parent;  // deprecated, and 0 in a root
  std::uint8_t flags = 0;
  if (!read_number(take_part(text), parents_parent.bytes) || !read_number(text, {&flags, 1})) return std::nullopt;
  constexpr std::uint8_t kSampled = 1, kDebug = 2;
  context.flags = (flags & (kSampled | kDebug)) != 0 ? kTraceFlagSampled : 0;
  return context;
}

}  // namespace suture

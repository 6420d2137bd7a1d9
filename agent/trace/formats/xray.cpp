#include "trace/formats/xray.h"

#include <algorithm>
#include <span>

#include "trace/ascii.h"
#include "trace/formats/hex.h"

namespace suture {
namespace {

/// The digits of "1-{time}-{unique}" are those of the trace id.
bool read_root(std::string_view text, TraceId& out) {
  if (text.size() != 35 || !text.starts_with("1-") || text[10] != '-') return false;
  return read_hex(text.substr(2), std::span(out.bytes).first(4)) && read_hex(text.substr(11), std::span(out.bytes).subspan(4)) && out.valid();
}

}  // namespace

std::optional<TraceContext> parse_xray(std::string_view text) {
  TraceContext context;
  context.flags = kTraceFlagSampled;  // unless it says otherwise: "?" and nothing leave it to us
  bool have_root = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view pair = ascii::trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view key = pair.substr(0, equals), value = pair.substr(std::min(equals + 1, pair.size()));
    if (key == "Root") {
      if (have_root || !read_root(value, context.trace_id)) return std::nullopt;
      have_root = true;
    } else if (key == "Parent") {
      if (!read_span_id(value, context.parent)) return std::nullopt;
    } else if (key == "Sampled" && value == "0") {
      context.flags = 0;
    }
  }
  if (!have_root) return std::nullopt;
  return context;
}

}  // namespace suture

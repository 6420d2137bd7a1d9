#include "trace/formats/datadog.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "trace/ascii.h"
#include "trace/formats/hex.h"

namespace suture {
namespace {

bool read_number(std::string_view text, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

void store(std::uint64_t number, std::span<std::uint8_t> bytes) {
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
}

/// The value of one of the tags "key=value,key=value", or "".
std::string_view tag(std::string_view tags, std::string_view key) {
  while (!tags.empty()) {
    const std::size_t end = std::min(tags.find(','), tags.size());
    const std::string_view pair = ascii::trim(tags.substr(0, end));
    tags.remove_prefix(std::min(end + 1, tags.size()));
    if (pair.size() > key.size() && pair.starts_with(key) && pair[key.size()] == '=') return pair.substr(key.size() + 1);
  }
  return {};
}

}  // namespace

std::optional<TraceContext> parse_datadog(const DatadogFields& fields) {
  std::uint64_t trace = 0, parent = 0;
  if (!read_number(fields.trace_id, trace) || trace == 0) return std::nullopt;
  if (!fields.parent_id.empty() && !read_number(fields.parent_id, parent)) return std::nullopt;
  TraceContext context;
  store(trace, std::span(context.trace_id.bytes).subspan(8));
  store(parent, context.parent.bytes);
  if (const std::string_view tid = tag(fields.tags, "_dd.p.tid"); tid.size() == 16) {
    SpanId high;  // as long; half a read one must not stay
    if (read_hex(tid, high.bytes)) std::copy(high.bytes.begin(), high.bytes.end(), context.trace_id.bytes.begin());
  }
  // Priorities: -1 and 0 are drops, 1 and 2 keeps. One that does not come leaves it to us.
  const bool dropped = fields.sampling_priority == "0" || fields.sampling_priority.starts_with('-');
  context.flags = dropped ? 0 : kTraceFlagSampled;
  return context;
}

}  // namespace suture

#include "sampling/ot_state.h"

#include <algorithm>

#include "trace/trace_context.h"

namespace suture {
namespace {

constexpr std::string_view kKey = "ot=";
constexpr std::size_t kMaxValue = 256;  // of a member, W3C 3.3.1.3.2
constexpr int kMaxMembers = 32;         // W3C 3.3.1.1
constexpr std::size_t kRandomnessDigits = 14;

/// Takes the text before the next `separator` off the front of `rest`.
std::string_view next_part(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

std::string_view value_of_ot(std::string_view trace_state) {
  while (!trace_state.empty())
    if (const std::string_view member = next_part(trace_state, ','); member.starts_with(kKey)) return member.substr(kKey.size());
  return {};
}

}  // namespace

OtState ot_state_of(std::string_view trace_state) {
  OtState state;
  for (std::string_view rest = value_of_ot(trace_state); !rest.empty();) {
    const std::string_view part = next_part(rest, ';');
    const Threshold number = part.size() > 3 ? threshold_from(part.substr(3)) : kNever;
    if (number == kNever) continue;
    if (part.starts_with("th:")) state.threshold = number;
    if (part.starts_with("rv:") && part.size() == 3 + kRandomnessDigits) state.randomness = number;
  }
  return state;
}

std::string with_threshold(std::string_view trace_state, std::optional<Threshold> threshold) {
  std::string value = threshold ? "th:" + th_of(*threshold) : "";
  for (std::string_view rest = value_of_ot(trace_state); !rest.empty();) {
    const std::string_view part = next_part(rest, ';');
    if (part.empty() || part.starts_with("th:") || value.size() + 1 + part.size() > kMaxValue) continue;
    if (!value.empty()) value += ';';
    value += part;
  }
  std::string out = value.empty() ? "" : std::string(kKey) + value;
  int members = value.empty() ? 0 : 1;
  while (!trace_state.empty()) {
    const std::string_view member = next_part(trace_state, ',');
    if (member.starts_with(kKey)) continue;
    if (++members > kMaxMembers || out.size() + 1 + member.size() > kTraceStateLimitBytes) break;
    if (!out.empty()) out += ',';
    out += member;
  }
  return out;
}

}  // namespace suture

#include "trace/forwarded.h"

#include <algorithm>

#include "trace/ascii.h"

namespace suture {
namespace {

/// Removes one pair from the front of `header`, up to the next ";" or "," that is not inside quotes.
std::string_view take_pair(std::string_view& header) {
  std::size_t i = 0;
  bool quoted = false;
  for (; i < header.size(); ++i) {
    const char c = header[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ';' || c == ',')) {
      break;
    }
  }
  const std::string_view pair = header.substr(0, i);
  header.remove_prefix(std::min(i + 1, header.size()));
  return pair;
}

}  // namespace

std::string_view forwarded_parameter(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const std::string_view pair = take_pair(header);
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || !ascii::equals_any_case(ascii::trim(pair.substr(0, equals)), name))
      continue;
    std::string_view value = ascii::trim(pair.substr(equals + 1));
    if (value.empty() || value[0] != '"') return value;
    if (value.size() < 2 || value.back() != '"' || value.find('\\') != std::string_view::npos) return {};
    return value.substr(1, value.size() - 2);
  }
  return {};
}

std::string_view first_in_list(std::string_view header) { return ascii::trim(header.substr(0, header.find(','))); }

}  // namespace suture

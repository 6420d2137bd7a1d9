#include "sampling/percentage.h"

#include <charconv>

namespace suture {

std::optional<double> take_percentage(std::string_view& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !(number >= 0 && number <= 100)) return std::nullopt;
  std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  rest.remove_prefix(rest.find_first_not_of(' ') == rest.npos ? rest.size() : rest.find_first_not_of(' '));
  if (!rest.starts_with('%')) return std::nullopt;
  text = rest.substr(1);
  return number / 100;
}

}  // namespace suture

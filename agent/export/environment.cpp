#include "export/environment.h"

#include <charconv>

#include "trace/ascii.h"

namespace suture {

Setting setting_of(const EnvironmentLookup& lookup, std::initializer_list<std::string_view> names) {
  for (const std::string_view candidate : names) {
    std::string name(candidate);
    const char* value = lookup(name.c_str());
    if (value && !ascii::trim(value).empty()) return {std::move(name), ascii::trim(value)};
  }
  return {};
}

std::optional<std::int64_t> number_of(const Setting& setting, std::int64_t least, std::int64_t most, std::int64_t fallback, Warnings& warnings) {
  if (!setting.is_set()) return std::nullopt;
  std::int64_t number = 0;
  const char* end = setting.value.data() + setting.value.size();
  const auto [stopped, error] = std::from_chars(setting.value.data(), end, number);
  if (error == std::errc() && stopped == end && number >= least && number <= most) return number;
  warnings.push_back(setting.name + ": '" + std::string(setting.value) + "' is no number from " + std::to_string(least) + " to " +
                     std::to_string(most) + "; " + std::to_string(fallback) + " is used.");
  return std::nullopt;
}

bool boolean_of(const Setting& setting, Warnings& warnings) {
  if (!setting.is_set() || ascii::equals_any_case(setting.value, "false")) return false;
  if (ascii::equals_any_case(setting.value, "true")) return true;
  warnings.push_back(setting.name + ": '" + std::string(setting.value) + "' is neither true nor false; false is used.");
  return false;
}

}  // namespace suture

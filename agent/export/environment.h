#pragma once
// The environment variables of OpenTelemetry (specification v1.60, configuration/sdk-environment-variables.md): an empty
// value is an unset one, and a value that cannot be followed is warned of and left out.

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace suture {

/// Returns the value of a variable or nullptr, as std::getenv does.
using EnvironmentLookup = std::function<const char*(const char* name)>;

/// Sentences for the log.
using Warnings = std::vector<std::string>;

struct Setting {
  std::string name;
  std::string_view value;  // without spaces around it; lives as long as the environment

  bool is_set() const { return !value.empty(); }
};

/// The first of `names` that is set; else one without a value.
Setting setting_of(const EnvironmentLookup& lookup, std::initializer_list<std::string_view> names);

/// A number from `least` to `most`, if the variable is set to one. `fallback` is what a warning says is used instead.
std::optional<std::int64_t> number_of(const Setting& setting, std::int64_t least, std::int64_t most, std::int64_t fallback, Warnings& warnings);

/// Only "true", in any case, is true.
bool boolean_of(const Setting& setting, Warnings& warnings);

}  // namespace suture

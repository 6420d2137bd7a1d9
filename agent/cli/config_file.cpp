#include "config_file.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace suture {
namespace {

std::string where(const YAML::Mark& mark) { return fmt::format("line {}", mark.line + 1); }

[[noreturn]] void refuse_configuration(const std::string& sentence) {
  throw CLI::ConversionError("configuration: " + sentence, CLI::ExitCodes::ConfigError);
}

/// `pairs`: its values read "KEY: VALUE", which YAML takes for maps.
void add_values(const std::string& key, const YAML::Node& node, bool pairs, const std::string& prefix, std::vector<std::string>& out) {
  if (node.IsScalar()) {
    out.push_back(prefix + node.Scalar());
  } else if (node.IsSequence()) {
    for (const YAML::Node& element : node) add_values(key, element, pairs, prefix, out);
  } else if (pairs && node.IsMap() && prefix.empty()) {
    for (const auto& entry : node) add_values(key, entry.second, pairs, entry.first.as<std::string>() + ": ", out);
  } else if (!node.IsNull()) {
    refuse_configuration(fmt::format("{}: '{}' must be a value or a list of values", where(node.Mark()), key));
  }
}

}  // namespace

std::string YamlConfig::to_config(const CLI::App*, bool, bool, std::string) const { return {}; }

std::vector<CLI::ConfigItem> YamlConfig::from_config(std::istream& input) const {
  std::vector<CLI::ConfigItem> items;
  try {
    const YAML::Node root = YAML::Load(input);
    if (root.IsNull()) return items;
    if (!root.IsMap()) refuse_configuration("the file must be a map of option names to values, as in 'otlp: http://localhost:4318'");
    for (const auto& entry : root) {
      CLI::ConfigItem item;
      item.name = entry.first.as<std::string>();
      item.parents = {command_.get_name()};
      const CLI::Option* const option = command_.get_option_no_throw("--" + item.name);
      if (!option)
        refuse_configuration(fmt::format("{}: '{}' is no option; 'suture {} --help' lists them", where(entry.first.Mark()), item.name,
                           command_.get_name()));
      add_values(item.name, entry.second, option->get_type_name().find(": ") != std::string::npos, "", item.inputs);
      items.push_back(std::move(item));
    }
  } catch (const YAML::Exception& error) {
    refuse_configuration(fmt::format("{}: {}", where(error.mark), error.msg));
  }
  return items;
}

}  // namespace suture

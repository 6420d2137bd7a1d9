#include "config_file.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace suture {
namespace {

std::string where(const YAML::Mark& mark) { return fmt::format("line {}", mark.line + 1); }

[[noreturn]] void refuse_configuration(const std::string& sentence) {
  throw CLI::ConversionError("configuration: " + sentence, CLI::ExitCodes::ConfigError);
}

std::vector<std::string> values_of(const std::string& key, const YAML::Node& node) {
  if (node.IsScalar()) return {node.Scalar()};
  if (node.IsNull()) return {};
  std::vector<std::string> values;
  if (node.IsSequence())
    for (const YAML::Node& element : node) {
      if (!element.IsScalar()) refuse_configuration(fmt::format("{}: the elements of '{}' must be plain values", where(element.Mark()), key));
      values.push_back(element.Scalar());
    }
  else
    refuse_configuration(fmt::format("{}: '{}' must be a value or a list of values", where(node.Mark()), key));
  return values;
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
      if (!command_.get_option_no_throw("--" + item.name))
        refuse_configuration(fmt::format("{}: '{}' is no option; 'suture {} --help' lists them", where(entry.first.Mark()), item.name,
                           command_.get_name()));
      item.inputs = values_of(item.name, entry.second);
      items.push_back(std::move(item));
    }
  } catch (const YAML::Exception& error) {
    refuse_configuration(fmt::format("{}: {}", where(error.mark), error.msg));
  }
  return items;
}

}  // namespace suture

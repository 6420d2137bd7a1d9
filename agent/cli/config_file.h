#pragma once
// The configuration file: YAML whose keys are the long option names of `suture run`. CLI11 gives flags precedence over
// the environment, and that over the file.

#include <CLI/CLI.hpp>

namespace suture {

/// Reads YAML for CLI11. A mistake is a CLI::ParseError that names line, key and what is expected.
class YamlConfig final : public CLI::Config {
 public:
  /// `command`: whose long options are the keys; outlives this.
  explicit YamlConfig(const CLI::App& command) : command_(command) {}

  std::string to_config(const CLI::App* app, bool defaults, bool describe, std::string prefix) const override;
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

 private:
  const CLI::App& command_;
};

}  // namespace suture

// suture: traces services nobody instrumented. The command line; what the subcommands do lives elsewhere.

#include <cstdio>
#include <exception>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "commands.h"
#include "config_file.h"

namespace {

int run(int argc, char** argv) {
  CLI::App app("suture traces services that nobody instrumented: it watches the kernel's sockets and exports OpenTelemetry spans.",
               "suture");
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help for all subcommands");
  std::vector<std::unique_ptr<suture::Command>> commands;
  commands.push_back(suture::make_run(app));
  commands.push_back(suture::make_record(app));
  commands.push_back(suture::make_doctor(app));
  commands.push_back(suture::make_explain(app));
  commands.push_back(suture::make_propagation(app));
  commands.push_back(suture::make_replay(app));
  commands.push_back(suture::make_version(app));
  commands.push_back(suture::make_help(app));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? suture::kDone : suture::kUsage;  // CLI11 has a code per kind of mistake; users need one
  }
  for (const auto& command : commands)
    if (command->called()) return command->execute();
  return suture::kUsage;
}

}  // namespace

int main(int argc, char** argv) {
  spdlog::set_default_logger(spdlog::stderr_color_mt("suture"));  // standard output is for data
  spdlog::set_pattern("suture: %^%l%$: %v");
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "suture: %s\n", error.what());
    return suture::kFailed;
  }
}

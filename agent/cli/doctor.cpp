// suture doctor: can the agent work here, and if not, what to mend.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include <spdlog/spdlog.h>

#include "commands.h"
#include "destination_options.h"
#include "doctor/doctor.h"
#include "doctor/report.h"
#include "export/console/color.h"

namespace suture {
namespace {

class Doctor final : public Command {
 public:
  explicit Doctor(CLI::App& app)
      : Doctor(app, app.add_subcommand(
                        "doctor", "Examine whether the agent can work on this host: 0 yes, 1 with warnings, 2 no")) {}
  int execute() override;

 private:
  Doctor(CLI::App& app, CLI::App* command);
  /// The option's values: given to doctor, or else to run by the configuration file.
  std::vector<std::string> values_of(const char* option) const;
  Result<std::vector<BackendOptions>> destinations(const EnvironmentLookup& environment) const;

  CLI::App& app_;
  CLI::App* const command_;
  bool json_ = false;
  std::string color_ = "auto";
  DestinationArguments destinations_;  // of doctor's own options
};

Doctor::Doctor(CLI::App& app, CLI::App* command) : Command(command), app_(app), command_(command) {
  command->add_flag("--json", json_, "An array of findings: id, state (pass, warn, fail, skip), found, needed, mend");
  command->add_option("--color", color_, "auto, always, never (NO_COLOR is honoured)")
      ->envname("SUTURE_COLOR")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  command->add_option("--hooks", "The mechanism that must work: auto, sendmsg-locked, sock-length, fentry, sys-exit")
      ->envname("SUTURE_HOOKS")
      ->check(CLI::IsMember({"auto", "sendmsg-locked", "sock-length", "fentry", "sys-exit"}));
  add_destination_options(*command, destinations_);
  command->fallthrough();  // so that --config may stand behind "doctor"
}

std::vector<std::string> Doctor::values_of(const char* option) const {
  for (const CLI::App* command :
       {static_cast<const CLI::App*>(command_), static_cast<const CLI::App*>(app_.get_subcommand("run"))})
    if (const CLI::Option* found = command->get_option(option); found->count() > 0) return found->as<std::vector<std::string>>();
  return {};
}

Result<std::vector<BackendOptions>> Doctor::destinations(const EnvironmentLookup& environment) const {
  DestinationArguments arguments;
  arguments.otlp = values_of("--otlp");
  arguments.to = values_of("--to");
  arguments.key_files = values_of("--api-key-file");
  if (const auto protocol = values_of("--otlp-protocol"); !protocol.empty()) arguments.otlp_protocol = protocol[0];
  Warnings warnings;
  return destinations_of(arguments, environment, warnings);
}

int Doctor::execute() {
  DoctorOptions options;
  options.environment = [](const char* name) { return std::getenv(name); };
  options.destinations = destinations(options.environment);
  if (const auto hooks = values_of("--hooks"); !hooks.empty()) {
    const Result<HookChoice> choice = parse_hook_choice(hooks[0]);
    if (!choice) {
      std::fprintf(stderr, "suture: %s\n", choice.error().c_str());
      return kUsage;
    }
    options.hooks = choice.value();
  }
  if (!may_attach())
    std::fputs(
        "suture: not permitted: attaching to the kernel needs CAP_BPF and CAP_PERFMON. Run as root; "
        "below is what can be told without.\n",
        stderr);

  const std::vector<Finding> findings = examine(options);
  const ColorMode mode = color_ == "always"  ? ColorMode::Always
                         : color_ == "never" ? ColorMode::Never
                                             : ColorMode::Auto;
  const std::string text =
      json_ ? to_json(findings) : to_text(findings, use_color(mode, ::isatty(STDOUT_FILENO) != 0, options.environment));
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  if (!json_) std::fprintf(stderr, "suture: %s\n", summary_of(findings).c_str());
  return exit_code_of(findings);
}

}  // namespace

std::unique_ptr<Command> make_doctor(CLI::App& app) { return std::make_unique<Doctor>(app); }

}  // namespace suture

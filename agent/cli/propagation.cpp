// suture propagation [RECORDING]: what each service does with the trace context it receives, and who drops it.

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "answer.h"
#include "commands.h"
#include "control/control_socket.h"
#include "replay.h"

namespace suture {
namespace {

class PropagationDoctor final : public Command {
 public:
  explicit PropagationDoctor(CLI::App& app)
      : PropagationDoctor(app.add_subcommand("propagation", "Which services hand the trace context on, and which drop it: of the running agent, or of a recording")) {}

  int execute() override {
    const char* const question = json_ ? "propagation json" : "propagation";
    const Result<std::string> report = recording_.empty() ? ask_agent(path_, question) : replayed();
    return json_ ? print_data(report) : print_text(report);
  }

 private:
  explicit PropagationDoctor(CLI::App* command) : Command(command) {
    command->add_option("RECORDING", recording_, "A recording made by suture record or suture run --record (default: ask the running agent)");
    command->add_flag("--json", json_, "For machines; docs/context.md says what is in it");
    command->add_option("--control", path_, "Where the agent listens")->envname("SUTURE_CONTROL")->capture_default_str();
    command->add_option("--propagators", propagators_, "Of a recording, as for run; OTEL_PROPAGATORS is not read")->delimiter(',');
  }

  Result<std::string> replayed() const {
    ReplayOptions options;
    options.path = recording_;
    options.quiet = true;
    std::vector<std::string> unknown;
    options.pipeline.context.propagators = propagators_from(propagators_, unknown);
    for (const std::string& warning : unknown) std::fprintf(stderr, "suture: %s\n", warning.c_str());
    std::string report;
    options.at_end = [&](Pipeline& pipeline) { report = pipeline.propagation_report(json_ ? ReportForm::Json : ReportForm::Text, SIZE_MAX); };
    if (const Status status = run_replay(options); !status) return Error{status.error()};
    return report;
  }

  bool json_ = false;
  std::string recording_, path_ = kControlPath;
  std::vector<std::string> propagators_;
};

}  // namespace

std::unique_ptr<Command> make_propagation(CLI::App& app) { return std::make_unique<PropagationDoctor>(app); }

}  // namespace suture

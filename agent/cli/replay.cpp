// suture replay FILE: spans out of a recording.

#include <cstdio>
#include <string>
#include <vector>

#include "commands.h"
#include "naming_options.h"
#include "replay.h"
#include "sampling_options.h"

namespace suture {
namespace {

class Replay final : public Command {
 public:
  explicit Replay(CLI::App& app) : Replay(app.add_subcommand("replay", "Make spans out of a recording, without root and without a kernel")) {}

  int execute() override {
    ReplayOptions options;
    options.path = path_;
    options.exports.jsonl_path = otlp_file_;
    if (otlp_file_.empty()) {
      ConsoleOptions console;
      console.color = color_ == "always" ? ColorMode::Always : color_ == "never" ? ColorMode::Never : ColorMode::Auto;
      options.exports.console = console;
    }
    options.pipeline.keep_probes = keep_probes_;
    options.pipeline.keep_intake = keep_otlp_;
    std::vector<std::string> unknown;
    options.pipeline.context.propagators = propagators_from(propagators_, unknown);
    for (const std::string& warning : unknown) std::fprintf(stderr, "suture: %s\n", warning.c_str());
    options.pipeline.context.baggage = baggage_;
    options.pipeline.context.observe_sdks = observe_sdks_;
    options.pipeline.http.body_sizes = body_sizes_;
    Result<NamingOptions> naming = naming_options_of(naming_);
    Result<SamplingOptions> sampling = sampling_options_of(sampling_, Sampler());
    if (!naming || !sampling) {
      std::fprintf(stderr, "suture: %s\n", naming ? sampling.error().c_str() : naming.error().c_str());
      return kUsage;
    }
    options.pipeline.naming = std::move(naming).value();
    options.pipeline.sampling = std::move(sampling).value();
    options.quiet = quiet_;
    if (const Status status = run_replay(options); !status) {
      std::fprintf(stderr, "suture: %s\n", status.error().c_str());
      return kFailed;
    }
    return kDone;
  }

 private:
  explicit Replay(CLI::App* command) : Command(command) {
    command->add_option("FILE", path_, "A recording made by suture record or suture run --record")->required();
    command->add_option("--otlp-file", otlp_file_, "Write spans to this file as OTLP JSON lines, - is standard output (default: draw them)");
    command->add_option("--color", color_, "auto, always, never")->check(CLI::IsMember({"auto", "always", "never"}));
    command->add_flag("--keep-probes", keep_probes_, "Spans of health checks too");
    command->add_flag("--keep-otlp", keep_otlp_, "Spans of OTLP uploads too");
    command->add_option("--propagators", propagators_, "As for run, but OTEL_PROPAGATORS is not read")->delimiter(',');
    command->add_option("--baggage", baggage_, "As for run; values are there in a --raw recording only")->delimiter(',');
    command->add_flag("--observe-sdks", observe_sdks_, "As for run");
    add_naming_options(*command, naming_, false);
    command->add_flag("--body-sizes", body_sizes_, "As for run");
    add_sampling_options(*command, sampling_, false);
    command->add_flag("--quiet", quiet_, "No summary at the end");
  }

  std::string path_, otlp_file_, color_ = "auto";
  std::vector<std::string> propagators_, baggage_;
  NamingArguments naming_;
  SamplingArguments sampling_;
  bool keep_probes_ = false, keep_otlp_ = false, observe_sdks_ = false, body_sizes_ = false, quiet_ = false;
};

}  // namespace

std::unique_ptr<Command> make_replay(CLI::App& app) { return std::make_unique<Replay>(app); }

}  // namespace suture

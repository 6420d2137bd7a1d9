#pragma once
// The subcommands. Each file of this folder makes one.

#include <memory>

#include <CLI/CLI.hpp>

namespace suture {

/// Exit codes of every subcommand: 0 done, 1 failed, 2 usage or privilege.
enum ExitCode : int { kDone = 0, kFailed = 1, kUsage = 2 };

/// One subcommand: owns what its options are written to.
class Command {
 public:
  virtual ~Command() = default;
  /// After the command line was parsed. Returns an exit code.
  virtual int execute() = 0;
  bool called() const { return app_->parsed(); }

 protected:
  explicit Command(CLI::App* app) : app_(app) {}

 private:
  CLI::App* app_;
};

std::unique_ptr<Command> make_run(CLI::App& app);
std::unique_ptr<Command> make_record(CLI::App& app);
std::unique_ptr<Command> make_doctor(CLI::App& app);
std::unique_ptr<Command> make_explain(CLI::App& app);
std::unique_ptr<Command> make_propagation(CLI::App& app);
std::unique_ptr<Command> make_replay(CLI::App& app);
std::unique_ptr<Command> make_version(CLI::App& app);
std::unique_ptr<Command> make_help(CLI::App& app);

}  // namespace suture

// suture version, suture help

#include <cstdio>

#include "commands.h"

namespace suture {
namespace {

class Version final : public Command {
 public:
  explicit Version(CLI::App& app) : Command(app.add_subcommand("version", "Print the version")) {}
  int execute() override {
    std::puts("suture " SUTURE_VERSION);
    return kDone;
  }
};

class Help final : public Command {
 public:
  explicit Help(CLI::App& app) : Command(app.add_subcommand("help", "Print this help")), app_(app) {}
  int execute() override {
    std::fputs(app_.help().c_str(), stdout);
    return kDone;
  }

 private:
  CLI::App& app_;
};

}  // namespace

std::unique_ptr<Command> make_version(CLI::App& app) { return std::make_unique<Version>(app); }
std::unique_ptr<Command> make_help(CLI::App& app) { return std::make_unique<Help>(app); }

}  // namespace suture

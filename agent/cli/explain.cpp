// suture explain [PID]: how a running agent links the requests of a process, and how far that can be trusted.

#include <cstdint>
#include <string>

#include "answer.h"
#include "commands.h"
#include "control/control_socket.h"

namespace suture {
namespace {

class Explain final : public Command {
 public:
  explicit Explain(CLI::App& app)
      : Explain(app.add_subcommand("explain", "How the running agent links a process's requests, what its audit says, and what is left unlinked")) {}

  int execute() override {
    return print_text(ask_agent(path_, pid_ ? "explain " + std::to_string(pid_) : "explain"));
  }

 private:
  explicit Explain(CLI::App* command) : Command(command) {
    command->add_option("PID", pid_, "A process, by its number on the host (default: all, one line each)");
    command->add_option("--control", path_, "Where the agent listens")->envname("SUTURE_CONTROL")->capture_default_str();
  }

  std::uint32_t pid_ = 0;
  std::string path_ = kControlPath;
};

}  // namespace

std::unique_ptr<Command> make_explain(CLI::App& app) { return std::make_unique<Explain>(app); }

}  // namespace suture

#include "stop_condition.h"

#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace suture {
namespace {

constexpr std::uint64_t kCommandGraceNs = 600'000'000;  // what a command caused may still be under way at its end

}  // namespace

StopCondition::StopCondition() {
  ::sigemptyset(&set_);
  for (int signal : {SIGTERM, SIGINT, SIGCHLD}) ::sigaddset(&set_, signal);
  ::sigprocmask(SIG_BLOCK, &set_, &before_);
  ::signal(SIGPIPE, SIG_IGN);
  signals_ = Fd(::signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK));
}

Status StopCondition::start(const std::vector<std::string>& command) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  command_ = ::fork();
  if (command_ < 0) return Error{std::string("fork: ") + std::strerror(errno)};
  if (command_ > 0) return Nothing{};
  ::sigprocmask(SIG_SETMASK, &before_, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::execvp(argv[0], argv.data());
  std::fprintf(stderr, "suture: %s: %s\n", argv[0], std::strerror(errno));
  ::_exit(127);
}

bool StopCondition::reached(std::uint64_t now_ns) {
  bool stop = stop_at_ns_ != 0 && now_ns >= stop_at_ns_;
  while (const int signal = take_signal()) {
    if (signal == SIGCHLD) look_at_command(now_ns);
    else if (command_ > 0) ::kill(command_, signal);
    else stop = true;
  }
  return stop;
}

/// The next one that came, or 0.
int StopCondition::take_signal() {
  signalfd_siginfo info{};
  return ::read(signals_.get(), &info, sizeof(info)) == sizeof(info) ? static_cast<int>(info.ssi_signo) : 0;
}

void StopCondition::look_at_command(std::uint64_t now_ns) {
  int status = 0;
  if (command_ <= 0 || ::waitpid(command_, &status, WNOHANG) != command_) return;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  command_ = -1;
  stop_at_ns_ = now_ns + kCommandGraceNs;
}

}  // namespace suture

#include "child.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace suture::kernel_test {
namespace {

pid_t fork_as(pid_t pid) {
  if (pid == 0) return ::fork();
  clone_args args{};
  args.exit_signal = SIGCHLD;
  args.set_tid = reinterpret_cast<std::uintptr_t>(&pid);
  args.set_tid_size = 1;
  return static_cast<pid_t>(::syscall(SYS_clone3, &args, sizeof(args)));
}

}  // namespace

void need(bool fine, std::string_view what) {
  if (fine) return;
  std::fprintf(stderr, "child %d: %.*s: %s\n", ::getpid(), static_cast<int>(what.size()), what.data(), std::strerror(errno));
  ::_exit(1);
}

void Inside::step() {
  char byte = 0;
  need(::write(out_, &byte, 1) == 1, "step");
  need(::read(in_, &byte, 1) == 1, "the test is gone");
}

Child::Child(const Body& body, pid_t pid) {
  int in[2], out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) return;
  pid_ = fork_as(pid);
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGPIPE, SIG_IGN);
    ::close(in[1]);
    ::close(out[0]);
    Inside inside(in[0], out[1]);
    body(inside);
    ::_exit(0);
  }
  ::close(in[0]);
  ::close(out[1]);
  to_child_ = Fd(in[1]);
  from_child_ = Fd(out[0]);
  ::fcntl(from_child_.get(), F_SETFL, O_NONBLOCK);
}

Child::~Child() {
  if (pid_ <= 0 || ended_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

bool Child::at_step() {
  char byte;
  if (!at_step_ && ::read(from_child_.get(), &byte, 1) == 1) at_step_ = true;
  return at_step_;
}

void Child::go() {
  at_step_ = false;
  const char byte = 0;
  [[maybe_unused]] const ssize_t written = ::write(to_child_.get(), &byte, 1);
}

bool Child::ended() {
  int status = 0;
  if (ended_ || ::waitpid(pid_, &status, WNOHANG) != pid_) return ended_;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ended_ = true;
  return true;
}

void Child::kill(int signal) const { ::kill(pid_, signal); }

}  // namespace suture::kernel_test

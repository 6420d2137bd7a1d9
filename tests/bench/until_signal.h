#pragma once
// UntilSignal: lets a small tool run until SIGTERM or SIGINT. Create one before anything else starts.

#include <csignal>
#include <cstdio>
#include <ctime>

namespace suture::bench {

class UntilSignal {
 public:
  UntilSignal() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    sigprocmask(SIG_BLOCK, &signals_, nullptr);
  }

  /// Tells whoever started the tool that everything is attached.
  static void say_ready() { std::fputs("ready\n", stderr); }

  /// True once a signal has come; waits for none.
  bool stopped() const {
    const timespec now{0, 0};
    return sigtimedwait(&signals_, nullptr, &now) > 0;
  }

  void wait() const {
    int signal = 0;
    sigwait(&signals_, &signal);
  }

 private:
  sigset_t signals_;
};

}  // namespace suture::bench

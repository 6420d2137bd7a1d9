#pragma once
// Child: a process of the test that makes the traffic, as the agent's own is not looked at. It talks with the test in
// steps: the child reaches one and waits, the test lets it go on.

#include <sys/types.h>

#include <functional>
#include <string_view>

#include "base/fd.h"

namespace suture::kernel_test {

/// The child's side. Whatever fails ends the child with status 1 and a line on stderr.
class Inside {
 public:
  Inside(int in, int out) : in_(in), out_(out) {}
  /// Tells the test that this point is reached, and waits until it says go().
  void step();

 private:
  int in_, out_;
};

/// Ends the calling child unless `fine`.
void need(bool fine, std::string_view what);

class Child {
 public:
  using Body = std::function<void(Inside&)>;

  /// Forks a process that runs `body` and exits 0 when it returns. `pid` 0: any; else that number, which must be free.
  explicit Child(const Body& body, pid_t pid = 0);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();  // kills what still runs

  pid_t pid() const { return pid_; }
  /// True once the child waits in step() and was not told to go on yet. Does not block.
  bool at_step();
  void go();
  /// True once the child has ended; status() then is its exit status, or 128 + the signal. Does not block.
  bool ended();
  int status() const { return status_; }
  void kill(int signal) const;

 private:
  pid_t pid_ = -1;
  bool ended_ = false;
  bool at_step_ = false;
  int status_ = -1;
  Fd to_child_, from_child_;
};

}  // namespace suture::kernel_test

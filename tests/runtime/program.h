#pragma once
// Program: a process that says one line of itself, and lives until this goes.

#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/fd.h"

namespace suture::test {

class Program {
 public:
  /// Ends when its standard input does. said() is "" if it cannot be started.
  explicit Program(std::vector<std::string> command) {
    int to[2], from[2];
    if (::pipe(to) != 0 || ::pipe(from) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(to[0], STDIN_FILENO);
      ::dup2(from[1], STDOUT_FILENO);
      for (int fd : {to[0], to[1], from[0], from[1]}) ::close(fd);
      std::vector<char*> words;
      for (std::string& word : command) words.push_back(word.data());
      words.push_back(nullptr);
      ::execvp(words[0], words.data());
      ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    input_ = Fd(to[1]);
    const Fd output(from[0]);
    for (char c = 0; ::read(output.get(), &c, 1) == 1 && c != '\n';) said_ += c;
  }
  ~Program() {
    input_ = Fd();
    ::waitpid(pid_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }
  const std::string& said() const { return said_; }

 private:
  pid_t pid_ = -1;
  Fd input_;
  std::string said_;
};

}  // namespace suture::test

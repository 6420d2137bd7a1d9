#include "export/output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>
#include <utility>

namespace suture {
namespace {

bool is_regular(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

std::string open_error(const std::string& path, int error) {
  const std::string why = std::generic_category().message(error);
  const char* mend = ". Choose a path in a directory that exists and that this user may write to.";
  if (error == ENXIO) mend = " (a pipe that nobody reads). Start its reader first.";
  return "cannot open " + path + " for writing: " + why + mend;
}

}  // namespace

Output::Output(Fd fd) : Output(std::move(fd), -1) {}

Output::Output(Fd owned, int fd)
    : owned_(std::move(owned)), fd_(owned_.valid() ? owned_.get() : fd), regular_(is_regular(fd_)) {}

Result<Output> Output::open(const std::string& path) {
  // O_NONBLOCK means nothing to a regular file, and keeps a FIFO from stopping the agent.
  const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0640);
  if (fd < 0) return Error{open_error(path, errno)};
  return Output(Fd(fd));
}

Output Output::standard_output() { return Output(Fd(), STDOUT_FILENO); }

int Output::write(std::string_view text, const StopTime& stop) {
  while (!text.empty()) {
    if (!regular_ && !wait_writable(stop)) return ETIMEDOUT;
    // A pipe that poll() calls writable takes PIPE_BUF bytes at once, even where the descriptor may block.
    const std::size_t length = regular_ ? text.size() : std::min<std::size_t>(text.size(), PIPE_BUF);
    const ssize_t written = ::write(fd_, text.data(), length);
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (written == 0) {
      return EIO;
    } else if (errno != EINTR && errno != EAGAIN) {
      return errno;
    }
  }
  return 0;
}

bool Output::wait_writable(const StopTime& stop) const {
  constexpr std::chrono::milliseconds kLook{100};  // how often a stuck writer looks whether it has to stop
  while (true) {
    pollfd wanted{.fd = fd_, .events = POLLOUT, .revents = 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(stop.remaining(kLook).count()));
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;  // errors are write(2)'s to tell
    if (stop.reached()) return false;
  }
}

bool Output::is_terminal() const { return ::isatty(fd_) == 1; }

int Output::terminal_columns() const {
  winsize size{};
  return ::ioctl(fd_, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

}  // namespace suture

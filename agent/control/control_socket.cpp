#include "control/control_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

namespace suture {
namespace {

// The first byte of an answer.
constexpr char kFine = '+', kRefused = '-';

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

Error too_long(const std::string& path) { return Error{"control socket '" + path + "': a socket's path has at most 107 bytes. Choose a shorter one: --control PATH"}; }

Error failed(const std::string& path, const std::string& why) { return Error{"control socket '" + path + "': " + why}; }

}  // namespace

Result<ControlSocket> ControlSocket::listen(const std::string& path) {
  const std::optional<sockaddr_un> address = address_of(path);
  if (!address) return too_long(path);
  if (const std::size_t slash = path.rfind('/'); slash != std::string::npos && slash != 0) ::mkdir(path.substr(0, slash).c_str(), 0750);
  Fd listener(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!listener.valid()) return failed(path, std::strerror(errno));
  {
    Fd probe(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (::connect(probe.get(), generic(*address), sizeof(*address)) == 0 || errno == EAGAIN)
      return failed(path, "another agent listens there. Give this one a path of its own: --control PATH");
    if (errno == ECONNREFUSED) ::unlink(path.c_str());  // of an agent that was killed
  }
  // Nobody can connect before listen(), so the mode is right in time; a umask would be that of the whole process.
  if (::bind(listener.get(), generic(*address), sizeof(*address)) != 0 || ::chmod(path.c_str(), 0600) != 0 || ::listen(listener.get(), 8) != 0)
    return failed(path, std::strerror(errno));
  return ControlSocket(std::move(listener), path);
}

ControlSocket::~ControlSocket() {
  if (listener_.valid()) ::unlink(path_.c_str());
}

void ControlSocket::serve(std::uint64_t now_ns, const Answer& answer) {
  if (const int accepted = ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC); accepted >= 0) {
    asker_ = Fd(accepted);
    asker_until_ns_ = now_ns + kPatienceNs;
  }
  if (!asker_.valid()) return;
  char question[kMaxQuestion];
  const ssize_t size = ::recv(asker_.get(), question, sizeof(question), 0);
  if (size < 0 && errno == EAGAIN && now_ns < asker_until_ns_) return;
  if (size > 0) {
    const Result<std::string> said = answer({question, static_cast<std::size_t>(size)});
    std::string packet = said ? kFine + said.value() : kRefused + said.error();
    if (packet.size() > kMaxAnswer) packet.resize(kMaxAnswer);
    ::send(asker_.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
  }
  asker_.reset();
}

Result<std::string> ask_agent(const std::string& path, std::string_view question) {
  const std::optional<sockaddr_un> address = address_of(path);
  if (!address) return too_long(path);
  Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  if (::connect(socket.get(), generic(*address), sizeof(*address)) != 0) {
    if (errno == EACCES) return Error{"not permitted: only root and the agent's own user may ask at '" + path + "'. Try: sudo suture explain"};
    if (errno == ENOENT || errno == ECONNREFUSED)
      return Error{"no agent listens at '" + path + "'. Start one with `suture run`, or say where it listens: --control PATH"};
    return failed(path, std::strerror(errno));
  }
  if (::send(socket.get(), question.data(), question.size(), MSG_NOSIGNAL) < 0) return failed(path, std::strerror(errno));
  std::vector<char> packet(ControlSocket::kMaxAnswer);
  const ssize_t size = ::recv(socket.get(), packet.data(), packet.size(), 0);
  if (size < 0) return failed(path, errno == EAGAIN ? "the agent has not answered within 5 s" : std::strerror(errno));
  if (size == 0) return failed(path, "the agent hung up without an answer");
  std::string text(packet.data() + 1, static_cast<std::size_t>(size - 1));
  if (packet[0] == kFine) return text;
  return Error{std::move(text)};
}

}  // namespace suture

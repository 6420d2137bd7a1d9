#include "doctor/loopback_pair.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

namespace suture {
namespace {

constexpr int kListenWaitMs = 3'000;  // listening takes microseconds; a loaded host may run the child late

/// One number to the other end of a socket pair: a port, an errno as a negative number, or 0 for "done".
bool tell(int channel, std::int32_t word) { return ::send(channel, &word, sizeof(word), MSG_NOSIGNAL) == sizeof(word); }

bool hear(int channel, std::int32_t& word, int flags) {
  return ::recv(channel, &word, sizeof(word), flags) == sizeof(word);
}

sockaddr_in loopback(std::int32_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

/// Reads until the end of a head; false on an error or a head longer than any of ours.
bool read_head(int socket) {
  char head[2048];
  std::size_t have = 0;
  while (have < sizeof(head)) {
    const ssize_t got = ::read(socket, head + have, sizeof(head) - have);
    if (got <= 0) return false;
    have += static_cast<std::size_t>(got);
    if (std::string_view(head, have).find("\r\n\r\n") != std::string_view::npos) return true;
  }
  return false;
}

bool send_all(int socket, std::string_view text) {
  return ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

/// Child: serves until it is killed, since whoever else may connect first.
void serve(int channel) {
  const Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (!listener.valid() || ::bind(listener.get(), generic, size) != 0 || ::listen(listener.get(), 8) != 0 ||
      ::getsockname(listener.get(), generic, &size) != 0) {
    tell(channel, -errno);
    return;
  }
  tell(channel, ntohs(address.sin_port));
  for (;;) {
    const Fd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection.valid() && read_head(connection.get()))
      send_all(connection.get(), "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n");
  }
}

/// Child: 0, or the errno of what failed.
int request(std::int32_t port, std::string_view text) {
  const Fd connection(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  if (!connection.valid() ||
      ::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return errno;
  if (!send_all(connection.get(), text)) return errno;
  char answer[512];
  ssize_t got = 0, sum = 0;
  while ((got = ::read(connection.get(), answer, sizeof(answer))) > 0) sum += got;
  if (got < 0) return errno;
  return sum > 0 ? 0 : ECONNRESET;
}

void ask(int channel, std::string_view text) {
  std::int32_t port = 0;
  if (hear(channel, port, MSG_WAITALL)) tell(channel, -request(port, text));
}

}  // namespace

LoopbackPair::Child::~Child() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

/// `body` runs in the child with the child's end of the channel.
template <typename Body>
Status LoopbackPair::Child::run(Body body) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return Error{std::string("socketpair: ") + std::strerror(errno)};
  channel_ = Fd(ends[0]);
  const Fd theirs(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return Error{std::string("fork: ") + std::strerror(errno)};
  if (pid > 0) {
    pid_ = pid;
    return Nothing{};
  }
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() == parent) {  // else it died before the line above
    channel_.reset();           // so that the end of the parent is the end of the channel
    body(theirs.get());
  }
  ::_exit(0);
}

Result<std::unique_ptr<LoopbackPair>> LoopbackPair::start(const std::string& path) {
  auto pair = std::make_unique<LoopbackPair>();
  if (const Status status = pair->server_.run(serve); !status) return Error{status.error()};
  pollfd ready{pair->server_.channel(), POLLIN, 0};
  std::int32_t word = 0;
  if (::poll(&ready, 1, kListenWaitMs) != 1 || !hear(ready.fd, word, 0)) return Error{"the test server does not start"};
  if (word < 0) return Error{std::string("listen on 127.0.0.1: ") + std::strerror(-word)};
  pair->port_ = word;

  const std::string text =
      "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(word) + "\r\nUser-Agent: suture-doctor\r\n\r\n";
  if (const Status status = pair->client_.run([&text](int channel) { ask(channel, text); }); !status)
    return Error{status.error()};
  return pair;
}

Status LoopbackPair::send_request() {
  if (!tell(client_.channel(), port_)) return Error{"the test client has ended"};
  return Nothing{};
}

std::optional<std::string> LoopbackPair::outcome() {
  std::int32_t word = 0;
  const ssize_t got = ::recv(client_.channel(), &word, sizeof(word), MSG_DONTWAIT | MSG_PEEK);
  if (got < 0) return std::nullopt;
  if (got != sizeof(word)) return "the test client has ended";
  return word == 0 ? std::string() : std::strerror(-word);
}

}  // namespace suture

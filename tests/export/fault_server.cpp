#include "fault_server.h"

#include "http2.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

namespace suture::test {
namespace {

/// The value of Content-Length; libcurl writes it so.
std::size_t content_length(const std::string& head) {
  const std::string name = "Content-Length: ";
  const auto at = head.find(name);
  return at == std::string::npos ? 0 : std::stoul(head.substr(at + name.size()));
}

void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

}  // namespace

Step answer(const std::string& status, const std::string& headers, const std::string& body) {
  return {.what = Step::Do::Answer,
          .answer = "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
                    "\r\n\r\n" + body};
}

Step hang() { return {.what = Step::Do::Hang, .answer = {}}; }
Step close() { return {.what = Step::Do::Close, .answer = {}}; }
Step reset() { return {.what = Step::Do::Reset, .answer = {}}; }

Step grpc_answer(const std::string& message, const std::vector<std::pair<std::string, std::string>>& trailers) {
  return {.what = Step::Do::Answer,
          .answer = http2::headers({{":status", "200"}, {"content-type", "application/grpc"}}, false) + http2::data(message) +
                    http2::headers(trailers, true)};
}

Step http2_answer(const std::vector<std::pair<std::string, std::string>>& headers) {
  return {.what = Step::Do::Answer, .answer = http2::headers(headers, true)};
}


FaultServer::FaultServer(std::vector<Step> steps) : steps_(steps.begin(), steps.end()) {
  listener_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  stop_ = Fd(::eventfd(0, EFD_CLOEXEC));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), generic, length) != 0 || ::getsockname(listener_.get(), generic, &length) != 0)
    throw std::runtime_error("no loopback port");
  port_ = ntohs(address.sin_port);
}

FaultServer::~FaultServer() {
  const std::uint64_t one = 1;
  if (::write(stop_.get(), &one, sizeof one) != sizeof one) std::abort();
  if (thread_.joinable()) thread_.join();
}

void FaultServer::start() {
  const int window = static_cast<int>(chunk_);
  if (chunk_ < 65536) ::setsockopt(listener_.get(), SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
  if (::listen(listener_.get(), 8) != 0) throw std::runtime_error("cannot listen");
  thread_ = std::thread([this] { run(); });
}

std::vector<ReceivedRequest> FaultServer::requests() const {
  std::lock_guard lock(mutex_);
  return requests_;
}

void FaultServer::run() {
  while (readable(listener_.get())) {
    const Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (connection.valid()) serve(connection.get());
  }
}

void FaultServer::serve(int connection) {
  std::string buffer;
  ReceivedRequest request;
  while (read_request(connection, buffer, request)) {
    {
      std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    const Step step = steps_.front();
    if (steps_.size() > 1) steps_.pop_front();
    switch (step.what) {
      case Step::Do::Answer:
        send_all(connection, request.stream == 0 ? step.answer : http2::on_stream(step.answer, request.stream));
        break;
      case Step::Do::Hang:
        while (receive(connection, buffer)) {
        }
        return;  // the client closed
      case Step::Do::Close:
        return;
      case Step::Do::Reset: {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        return;
      }
    }
  }
}

/// Waits until `fd` is; false if the server has to end.
bool FaultServer::readable(int fd) const {
  std::array<pollfd, 2> wanted{
      {{.fd = fd, .events = POLLIN, .revents = 0}, {.fd = stop_.get(), .events = POLLIN, .revents = 0}}};
  ::poll(wanted.data(), wanted.size(), -1);
  return wanted[1].revents == 0;
}

bool FaultServer::receive(int connection, std::string& buffer) const {
  std::array<char, 65536> chunk;
  if (!readable(connection)) return false;
  const ssize_t length = ::recv(connection, chunk.data(), chunk_, 0);
  if (length <= 0) return false;
  buffer.append(chunk.data(), static_cast<std::size_t>(length));
  return true;
}

bool FaultServer::read_request(int connection, std::string& buffer, ReceivedRequest& out) const {
  out = {};
  while (true) {
    std::string reply;
    if (http2::speaks(buffer)) {
      const bool whole = http2::read(buffer, out, reply);
      send_all(connection, reply);
      if (whole) return true;
    } else if (const auto end = buffer.find("\r\n\r\n"); end != std::string::npos) {
      const std::string head = buffer.substr(0, end + 4);
      const std::size_t whole = head.size() + content_length(head);
      if (buffer.size() >= whole) {
        out = {.head = head, .body = buffer.substr(head.size(), whole - head.size()), .stream = 0};
        buffer.erase(0, whole);
        return true;
      }
    }
    if (!receive(connection, buffer)) return false;
  }
}

}  // namespace suture::test

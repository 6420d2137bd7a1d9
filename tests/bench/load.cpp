// A load that keeps a rate, whatever the answers do: GET requests over many keep-alive connections. wrk has no rate.
//
//   bench_load PORT CONNECTIONS RATE SECONDS [REQUESTS]
//
// RATE is in requests per second over all connections, each of which has at most one request under way and which are
// used in turn; 0 = a new request whenever a connection is free. Ends after SECONDS or REQUESTS, whichever is first.
// Every answer must be as long as the first one. Prints one JSON object: requests, seconds, errors, unsent.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace {

using Clock = std::chrono::steady_clock;
using suture::Fd;

constexpr std::string_view kRequest =
    "GET /items/12345?page=2 HTTP/1.1\r\nHost: shop.example:8080\r\nAccept: */*\r\nUser-Agent: bench/1.0\r\n"
    "Accept-Encoding: gzip, br\r\n\r\n";

struct Plan {
  long port = 0;
  long connections = 0;
  long rate = 0;
  long seconds = 0;
  long requests = 0;  // 0 = no limit
};

struct Connection {
  Fd fd;
  std::size_t received = 0;
};

Fd connect_to(long port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid() || connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return Fd();
  const int one = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  return fd;
}

/// One request and its whole answer, blocking; the answer's length, or nothing if it is no answer we know.
std::optional<std::size_t> exchange_once(const Fd& fd) {
  if (send(fd.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) return std::nullopt;
  std::string answer;
  char buffer[4096];
  while (true) {
    const ssize_t got = recv(fd.get(), buffer, sizeof(buffer), 0);
    if (got <= 0) return std::nullopt;
    answer.append(buffer, static_cast<std::size_t>(got));
    const std::size_t head_end = answer.find("\r\n\r\n");
    if (head_end == std::string::npos) continue;
    constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t field = answer.find(kLength);
    if (field > head_end || !answer.starts_with("HTTP/1.1 200")) return std::nullopt;
    std::size_t body = 0;
    std::from_chars(answer.data() + field + kLength.size(), answer.data() + head_end, body);
    if (answer.size() >= head_end + 4 + body) return answer.size();
  }
}

class Load {
 public:
  explicit Load(const Plan& plan) : plan_(plan), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

  bool connect_all() {
    connections_.resize(static_cast<std::size_t>(plan_.connections));
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      Fd& fd = connections_[i].fd;
      fd = connect_to(plan_.port);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      if (!fd.valid() || epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) != 0) return false;
      idle_.push_back(i);
    }
    const auto length = exchange_once(connections_.front().fd);
    answer_bytes_ = length.value_or(0);
    return length.has_value();
  }

  void run() {
    started_ = Clock::now();
    const auto end = started_ + std::chrono::seconds(plan_.seconds);
    while (Clock::now() < end && (plan_.requests == 0 || sent_ < plan_.requests)) {
      send_what_is_due();
      receive();
    }
    // What is under way may still be answered; what is not by then is an error.
    const auto patience = Clock::now() + std::chrono::seconds(2);
    while (answered_ + errors_ < sent_ && Clock::now() < patience) receive();
    seconds_ = std::chrono::duration<double>(Clock::now() - started_).count();
    errors_ += sent_ - answered_ - errors_;
  }

  void print() const {
    const long unsent = std::max(0L, plan_.rate * plan_.seconds - sent_);
    std::printf("{\"requests\": %ld, \"seconds\": %.3f, \"errors\": %ld, \"unsent\": %ld}\n", answered_, seconds_,
                errors_, plan_.requests == 0 ? unsent : 0);
  }

 private:
  long due() const {
    if (plan_.requests > 0 && sent_ >= plan_.requests) return 0;
    if (plan_.rate == 0) return static_cast<long>(idle_.size());
    const double elapsed = std::chrono::duration<double>(Clock::now() - started_).count();
    return static_cast<long>(elapsed * static_cast<double>(plan_.rate)) - sent_;
  }

  void send_what_is_due() {
    for (long left = due(); left > 0 && !idle_.empty(); --left) {
      const Connection& connection = connections_[idle_.front()];
      idle_.pop_front();
      ++sent_;
      const ssize_t wrote = send(connection.fd.get(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL);
      if (wrote != static_cast<ssize_t>(kRequest.size())) ++errors_;
    }
  }

  void receive() {
    constexpr int kBatch = 256;
    constexpr int kTickMs = 1;  // the rate is kept in steps of this
    epoll_event events[kBatch];
    const int count = epoll_wait(epoll_.get(), events, kBatch, kTickMs);
    for (int i = 0; i < count; ++i) receive_on(static_cast<std::size_t>(events[i].data.u64));
  }

  void receive_on(std::size_t index) {
    Connection& connection = connections_[index];
    char buffer[4096];
    const ssize_t got = recv(connection.fd.get(), buffer, sizeof(buffer), MSG_DONTWAIT);
    if (got <= 0) {  // the server closed it: the connection stays out of use
      epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, connection.fd.get(), nullptr);
      ++errors_;
      return;
    }
    connection.received += static_cast<std::size_t>(got);
    if (connection.received < answer_bytes_) return;
    connection.received = 0;
    ++answered_;
    idle_.push_back(index);
  }

  Plan plan_;
  Fd epoll_;
  std::vector<Connection> connections_;
  std::deque<std::size_t> idle_;
  std::size_t answer_bytes_ = 0;
  long sent_ = 0;
  long answered_ = 0;
  long errors_ = 0;
  double seconds_ = 0;
  Clock::time_point started_;
};

bool parse_plan(int argc, char** argv, Plan& plan) {
  if (argc < 5 || argc > 6) return false;
  long* const fields[] = {&plan.port, &plan.connections, &plan.rate, &plan.seconds, &plan.requests};
  for (int i = 1; i < argc; ++i) {
    const std::string_view text = argv[i];
    const auto [end, error] = std::from_chars(text.begin(), text.end(), *fields[i - 1]);
    if (error != std::errc{} || end != text.end() || *fields[i - 1] < 0) return false;
  }
  return plan.connections > 0;
}

}  // namespace

int main(int argc, char** argv) {
  Plan plan;
  if (!parse_plan(argc, argv, plan)) {
    std::fputs("usage: bench_load PORT CONNECTIONS RATE SECONDS [REQUESTS]\n", stderr);
    return 2;
  }
  Load load(plan);
  if (!load.connect_all()) {
    std::fprintf(stderr, "bench_load: no connection or no answer on port %ld: %s\n", plan.port, std::strerror(errno));
    return 1;
  }
  load.run();
  load.print();
  return 0;
}

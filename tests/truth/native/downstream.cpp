// What the services under test call: answers every request after a random delay and knows nothing of who asked why.
//
//   truth_downstream PORTS MIN_MS MAX_MS
//
// Prints `port N` for each of its ports, and at SIGTERM `served N`.

#include <signal.h>
#include <sys/signalfd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>

#include "event_loop.h"
#include "http.h"

namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";

class Downstream {
 public:
  Downstream(double min_ms, double max_ms) : delay_ms_(min_ms, max_ms) {}

  void listen() {
    const int listener = truth::listen_on(0);
    std::printf("port %d\n", truth::port_of(listener));
    loop_.on_readable(listener, [this, listener] { accept(listener); });
  }

  /// Until SIGTERM; returns how many requests were answered.
  long run() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    loop_.on_readable(signalfd(-1, &signals, SFD_CLOEXEC), [this] { loop_.stop(); });
    loop_.run();
    return served_;
  }

 private:
  struct Connection {
    int fd;
    std::string received;
  };

  void accept(int listener) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    truth::send_at_once(fd);
    const long name = ++names_;  // descriptors are used again, and an answer may be due when its client has gone
    connections_[name] = {fd, {}};
    loop_.on_readable(fd, [this, name] { receive(name); });
  }

  void receive(long name) {
    Connection& connection = connections_.at(name);
    char buffer[4096];
    const ssize_t got = recv(connection.fd, buffer, sizeof(buffer), 0);
    if (got <= 0) {
      loop_.forget(connection.fd);
      close(connection.fd);
      connections_.erase(name);
      return;
    }
    connection.received.append(buffer, static_cast<std::size_t>(got));
    while (const std::size_t size = truth::message_size(connection.received)) {
      connection.received.erase(0, size);
      const auto delay = std::chrono::duration<double, std::milli>(delay_ms_(random_));
      loop_.after(std::chrono::duration_cast<std::chrono::nanoseconds>(delay), [this, name] { answer(name); });
    }
  }

  void answer(long name) {
    const auto found = connections_.find(name);
    if (found == connections_.end()) return;
    ++served_;
    send(found->second.fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
  }

  truth::EventLoop loop_;
  std::map<long, Connection> connections_;
  std::mt19937_64 random_{std::random_device{}()};
  std::uniform_real_distribution<double> delay_ms_;
  long names_ = 0;
  long served_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s PORTS MIN_MS MAX_MS\n", argv[0]);
    return 2;
  }
  Downstream downstream(std::atof(argv[2]), std::atof(argv[3]));
  for (int i = 0; i < std::atoi(argv[1]); ++i) downstream.listen();
  std::fflush(stdout);
  std::printf("served %ld\n", downstream.run());
}

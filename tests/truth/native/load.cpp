// A closed loop of clients: each sends a request, takes the whole answer, thinks, and sends the next one.
//
//   truth_load PORT CLIENTS REQUESTS THINK_MS ROUTE[,ROUTE...]
//
// The paths are /ROUTE/NUMBER, the route chosen at random, the number random and never used twice. What numbers a
// service derives from it is arithmetic (see judge.py), and none of those is ever small: small numbers mark calls that
// services make of their own accord. Prints `ok N failed N`.

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <unordered_set>
#include <vector>

#include "event_loop.h"
#include "http.h"

namespace {

constexpr std::uint64_t kModulus = (1ULL << 31) - 1;
constexpr std::uint64_t kMultiplier = 48271;
constexpr std::uint64_t kSmall = 100'000;
constexpr int kDerived = 4;  // as many calls as no service here makes for one request

class Numbers {
 public:
  explicit Numbers(std::mt19937_64& random) : random_(random) {}

  std::uint64_t next() {
    while (true) {
      const std::uint64_t number = range_(random_);
      if (!derives_small(number) && used_.insert(number).second) return number;
    }
  }

 private:
  static bool derives_small(std::uint64_t number) {
    for (int i = 0; i < kDerived; ++i) {
      number = number * kMultiplier % kModulus;
      if (number < kSmall) return true;
    }
    return false;
  }

  std::mt19937_64& random_;
  std::uniform_int_distribution<std::uint64_t> range_{kSmall, kModulus - 1};
  std::unordered_set<std::uint64_t> used_;
};

class Load {
 public:
  Load(int port, long requests, double think_ms, std::vector<std::string> routes)
      : port_(port), left_(requests), think_ms_(0, think_ms), routes_(std::move(routes)) {}

  void run(int clients) {
    for (int i = 0; i < clients; ++i) {
      clients_.push_back(std::make_unique<Client>());
      think(*clients_.back());
    }
    loop_.run();
    std::printf("ok %ld failed %ld\n", ok_, failed_);
  }

 private:
  struct Client {
    int fd = -1;
    bool waiting = false;
    std::string received;
  };

  void think(Client& client) {
    const auto time = std::chrono::duration<double, std::milli>(think_ms_(random_));
    loop_.after(std::chrono::duration_cast<std::chrono::nanoseconds>(time), [this, &client] { ask(client); });
  }

  void ask(Client& client) {
    if (left_ == 0) {
      if (waiting_ == 0) loop_.stop();
      return;
    }
    --left_;
    ++waiting_;
    client.waiting = true;
    const std::string request = "GET /" + routes_[random_() % routes_.size()] + "/" + std::to_string(numbers_.next()) +
                                " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) + "\r\n\r\n";
    if (client.fd < 0) connect(client);
    const auto size = static_cast<ssize_t>(request.size());
    if (client.fd < 0 || send(client.fd, request.data(), request.size(), MSG_NOSIGNAL) != size) end(client, false);
  }

  void connect(Client& client) {
    client.fd = truth::connect_to(port_);
    client.received.clear();
    if (client.fd >= 0) loop_.on_readable(client.fd, [this, &client] { receive(client); });
  }

  void disconnect(Client& client) {
    if (client.fd < 0) return;
    loop_.forget(client.fd);
    close(client.fd);
    client.fd = -1;
  }

  void receive(Client& client) {
    char buffer[4096];
    const ssize_t got = recv(client.fd, buffer, sizeof(buffer), 0);
    if (got <= 0) {
      disconnect(client);
      if (client.waiting) end(client, false);
      return;
    }
    client.received.append(buffer, static_cast<std::size_t>(got));
    if (truth::message_size(client.received) == 0) return;
    const bool ok = client.received.compare(0, 12, "HTTP/1.1 200") == 0;
    if (client.received.find("\r\nConnection: close") != std::string::npos) disconnect(client);
    client.received.clear();
    end(client, ok);
  }

  void end(Client& client, bool ok) {
    if (!ok) disconnect(client);
    ++(ok ? ok_ : failed_);
    client.waiting = false;
    --waiting_;
    think(client);
  }

  truth::EventLoop loop_;
  std::mt19937_64 random_{std::random_device{}()};
  Numbers numbers_{random_};
  const int port_;
  long left_;
  std::uniform_real_distribution<double> think_ms_;
  const std::vector<std::string> routes_;
  std::vector<std::unique_ptr<Client>> clients_;
  long waiting_ = 0;
  long ok_ = 0;
  long failed_ = 0;
};

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    parts.push_back(text.substr(start, comma - start));
    start = comma + 1;
  }
  return parts;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: %s PORT CLIENTS REQUESTS THINK_MS ROUTE[,ROUTE...]\n", argv[0]);
    return 2;
  }
  Load load(std::atoi(argv[1]), std::atol(argv[3]), std::atof(argv[4]), split(argv[5]));
  load.run(std::atoi(argv[2]));
}

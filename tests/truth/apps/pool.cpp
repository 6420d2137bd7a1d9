// A C++ service with a pool of POOL threads. The plan is that of plan.py.
//
// HANDLER=wait: a thread per connection hands each call to the pool and waits for it.
// HANDLER=pass: one thread reads all requests and hands each to the pool, whose thread calls, waits and answers.

#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "../native/event_loop.h"
#include "../native/http.h"

namespace {

constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

double random_share() {
  thread_local std::mt19937_64 random{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(random);
}

void sleep_ms(double ms) { std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(ms)); }

struct Plan {
  std::vector<int> ports;  // of NEXT: only loopback is ever called
  double work_ms = std::atof(environment("WORK_MS").c_str());
  bool hard = environment("HARD") == "1";

  Plan() {
    const std::string next = environment("NEXT");
    for (std::size_t at = next.find(':'); at != std::string::npos; at = next.find(':', at + 1))
      if (const int port = std::atoi(next.c_str() + at + 1)) ports.push_back(port);
  }
  void work() const {
    if (work_ms > 0) sleep_ms(hard ? work_ms * (0.2 + 1.6 * random_share()) : work_ms);
  }
} const plan;

/// Keep-alive connections that all threads share.
class Client {
 public:
  void get(int port, std::uint64_t number) {
    int fd = take(port);
    if (fd < 0) fd = truth::connect_to(port);
    const std::string request = "GET /r/" + std::to_string(number) + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n\r\n";
    if (fd < 0 || send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) return;
    std::string received;
    while (truth::message_size(received) == 0) {
      char buffer[4096];
      const ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
      if (got <= 0) {
        close(fd);
        return;
      }
      received.append(buffer, static_cast<std::size_t>(got));
    }
    const std::lock_guard lock(mutex_);
    idle_[port].push_back(fd);
  }

 private:
  int take(int port) {
    const std::lock_guard lock(mutex_);
    std::vector<int>& idle = idle_[port];
    if (idle.empty()) return -1;
    const int fd = idle.back();
    idle.pop_back();
    return fd;
  }

  std::mutex mutex_;
  std::map<int, std::vector<int>> idle_;
} client;

class Pool {
 public:
  explicit Pool(int threads) {
    for (int i = 0; i < threads; ++i) std::thread([this] { run(); }).detach();
  }
  void submit(std::function<void()> job) {
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back(std::move(job));
    }
    ready_.notify_one();
  }

 private:
  void run() {
    while (true) {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return !jobs_.empty(); });
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> jobs_;
};

/// `call(port, number)` and later `wait()` for all of them: who makes the calls is the handler's affair.
template <typename Call, typename Wait>
void answer(int fd, const std::string& request, Call call, Wait wait) {
  const std::size_t route_end = request.find('/', 5);
  const std::string route = request.substr(5, route_end - 5);
  std::uint64_t number = std::strtoull(request.c_str() + route_end + 1, nullptr, 10);
  plan.work();
  const std::size_t count = route == "none" ? 0 : route == "one" ? 1 : plan.ports.size();
  for (std::size_t k = 0; k < count; ++k) {
    number = number * 48271 % ((1ULL << 31) - 1);
    if (plan.hard && random_share() < 1.0 / 3) continue;
    call(plan.ports[k], number);
    if (route != "par") wait();
  }
  wait();
  plan.work();
  send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
}

/// False when the other side has closed.
bool receive(int fd, std::string& request) {
  char buffer[4096];
  const ssize_t got = recv(fd, buffer, sizeof(buffer), 0);
  if (got > 0) request.append(buffer, static_cast<std::size_t>(got));
  return got > 0;
}

void serve_and_wait(int fd, Pool& pool) {
  std::vector<std::future<void>> calls;
  std::string request;
  const auto call = [&](int port, std::uint64_t number) {
    auto task = std::make_shared<std::packaged_task<void()>>([port, number] { client.get(port, number); });
    calls.push_back(task->get_future());
    pool.submit([task] { (*task)(); });
  };
  const auto wait = [&] {
    for (auto& each : calls) each.get();
    calls.clear();
  };
  while (receive(fd, request)) {
    if (truth::message_size(request) == 0) continue;
    answer(fd, request, call, wait);
    request.clear();
  }
  close(fd);
}

void serve_and_pass(truth::EventLoop& loop, int fd, Pool& pool) {
  loop.on_readable(fd, [&loop, &pool, fd] {
    std::string request;  // comes whole: it is short, and sent by one call
    if (!receive(fd, request)) {
      loop.forget(fd);
      close(fd);
    } else {
      pool.submit([fd, request] { answer(fd, request, [](int port, std::uint64_t number) { client.get(port, number); }, [] {}); });
    }
  });
}

}  // namespace

int main() {
  Pool pool(std::atoi(environment("POOL").c_str()));
  if (environment("BACKGROUND") == "1")
    std::thread([&pool] {
      while (true) {
        sleep_ms(4 + 8 * random_share());
        const auto number = static_cast<std::uint64_t>(1 + 99'998 * random_share());
        pool.submit([number] { client.get(plan.ports[0], number); });
      }
    }).detach();
  const int listener = truth::listen_on(std::atoi(environment("PORT").c_str()));
  truth::EventLoop loop;
  const bool passes = environment("HANDLER") == "pass";
  loop.on_readable(listener, [&] {
    const int fd = accept(listener, nullptr, nullptr);
    if (fd < 0) return;
    truth::send_at_once(fd);
    if (passes) serve_and_pass(loop, fd, pool);
    else std::thread([fd, &pool] { serve_and_wait(fd, pool); }).detach();
  });
  loop.run();
}

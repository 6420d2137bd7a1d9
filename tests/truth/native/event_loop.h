// EventLoop: one thread that waits for readable sockets and for points in time.
#pragma once

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

namespace truth {

using Clock = std::chrono::steady_clock;

class EventLoop {
 public:
  using Action = std::function<void()>;

  EventLoop() {
    on_readable(timer_, [this] { run_due(); });
  }

  /// Runs `action` whenever `fd` has something to read, until forget().
  void on_readable(int fd, Action action) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    actions_[fd] = std::move(action);
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  /// To be called before the descriptor is closed; an action may forget its own.
  void forget(int fd) {
    actions_.erase(fd);
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  }

  void after(std::chrono::nanoseconds delay, Action action) {
    timed_.push({Clock::now() + delay, std::move(action)});
    arm();
  }

  void run() {
    while (!stopped_) {
      std::array<epoll_event, 64> events;
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count && !stopped_; ++i) {
        const auto found = actions_.find(events[static_cast<std::size_t>(i)].data.fd);
        if (found == actions_.end()) continue;
        const Action action = found->second;  // a copy: it may forget itself
        action();
      }
    }
  }

  void stop() { stopped_ = true; }

 private:
  struct Timed {
    Clock::time_point due;
    Action action;
    bool operator<(const Timed& other) const { return due > other.due; }
  };

  void arm() {
    if (timed_.empty()) return;
    const auto since_boot = timed_.top().due.time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_boot);
    itimerspec when{};
    when.it_value.tv_sec = seconds.count();
    when.it_value.tv_nsec = std::chrono::nanoseconds(since_boot - seconds).count();
    timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
  }

  void run_due() {
    std::uint64_t expirations = 0;
    if (read(timer_, &expirations, sizeof(expirations)) < 0) return;
    while (!timed_.empty() && timed_.top().due <= Clock::now()) {
      const Action action = timed_.top().action;
      timed_.pop();
      action();
    }
    arm();
  }

  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  const int timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);  // steady_clock's own
  std::unordered_map<int, Action> actions_;
  std::priority_queue<Timed> timed_;
  bool stopped_ = false;
};

}  // namespace truth

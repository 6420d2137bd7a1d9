#pragma once
// RuntimeWatch: finds out which runtime a process has, on a thread of its own ("suture-watch"): reading an executable takes
// milliseconds, which the capture thread does not have.

#include <functional>
#include <string>
#include <thread>

#include "base/bounded_queue.h"
#include "base/ids.h"
#include "wire/runtime.h"

namespace suture {

class RuntimeWatch {
 public:
  /// Called on the watch thread, once per process looked at: nullptr, it has no runtime that is known.
  using Found = std::function<void(std::uint32_t tgid, const runtime* found)>;

  RuntimeWatch(std::string proc_root, Found found);
  ~RuntimeWatch();
  RuntimeWatch(const RuntimeWatch&) = delete;
  RuntimeWatch& operator=(const RuntimeWatch&) = delete;

  /// False: too many processes wait to be looked at.
  bool look_at(const ProcessKey& process) { return !queue_.push(process.tgid, 1); }

 private:
  void run();

  static constexpr std::size_t kMaxWaiting = 1024;

  const std::string proc_root_;
  const Found found_;
  BoundedQueue<std::uint32_t> queue_{kMaxWaiting};
  std::thread thread_;
};

}  // namespace suture

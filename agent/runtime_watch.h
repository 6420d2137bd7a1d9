#pragma once
// RuntimeWatch: finds out which runtime a process has, on a thread of its own ("suture-watch"): reading an executable takes
// milliseconds, which the capture thread does not have.

#include <functional>
#include <optional>
#include <string>

#include "base/ids.h"
#include "side_thread.h"
#include "wire/runtime.h"

namespace suture {

class RuntimeWatch {
 public:
  /// Called on the watch thread, once per process looked at: nullptr, it has no runtime that is known.
  using Found = std::function<void(std::uint32_t tgid, const runtime* found)>;

  RuntimeWatch(std::string proc_root, Found found);

  /// False: too many processes wait to be looked at.
  bool look_at(const ProcessKey& process) { return thread_.ask(process.tgid); }

 private:
  struct Answer {
    std::uint32_t tgid;
    std::optional<runtime> found;
  };

  static constexpr std::size_t kMaxWaiting = 1024;

  SideThread<std::uint32_t, Answer> thread_;
};

}  // namespace suture

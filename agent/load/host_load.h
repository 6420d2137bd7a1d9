#pragma once
// HostLoad: how busy the host is, and how much of that is this process.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace suture {

/// Time that the host's processors were idle since boot, in ticks, from the first line of /proc/stat.
std::optional<std::uint64_t> idle_ticks(std::string_view stat);

class HostLoad {
 public:
  /// Shares of all processors' time, 0..1.
  struct Window {
    double idle = 0;
    double own = 0;
  };

  explicit HostLoad(const std::string& proc_root);

  /// What happened since the last call that returned something. Nothing: too little time has passed, or the host does
  /// not say.
  std::optional<Window> sample(std::uint64_t now_ns);

 private:
  Fd stat_;
  std::uint64_t last_ns_ = 0;
  std::uint64_t last_idle_ns_ = 0;
  std::uint64_t last_own_ns_ = 0;
};

}  // namespace suture

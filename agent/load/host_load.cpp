#include "load/host_load.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <ctime>

namespace suture {
namespace {

constexpr std::uint64_t kWindowNs = 100'000'000;  // twenty ticks of two processors: less would be noise

std::uint64_t own_ns() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<std::uint64_t>(used.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(used.tv_nsec);
}

}  // namespace

std::optional<std::uint64_t> idle_ticks(std::string_view stat) {
  constexpr std::string_view kAllProcessors = "cpu ";
  if (!stat.starts_with(kAllProcessors)) return std::nullopt;
  stat.remove_prefix(kAllProcessors.size());
  std::uint64_t field[5]{};  // user, nice, system, idle, iowait: proc_stat(5)
  for (std::uint64_t& value : field) {
    stat.remove_prefix(std::min(stat.find_first_not_of(' '), stat.size()));
    const auto [end, error] = std::from_chars(stat.data(), stat.data() + stat.size(), value);
    if (error != std::errc()) return std::nullopt;
    stat.remove_prefix(static_cast<std::size_t>(end - stat.data()));
  }
  return field[3] + field[4];
}

HostLoad::HostLoad(const std::string& proc_root) : stat_(::open((proc_root + "/stat").c_str(), O_RDONLY | O_CLOEXEC)) {}

std::optional<HostLoad::Window> HostLoad::sample(std::uint64_t now_ns) {
  if (now_ns < last_ns_ + kWindowNs) return std::nullopt;
  char line[256];
  const ssize_t size = ::pread(stat_.get(), line, sizeof(line), 0);
  const std::optional<std::uint64_t> ticks = idle_ticks({line, static_cast<std::size_t>(std::max<ssize_t>(size, 0))});
  if (!ticks) return std::nullopt;
  const std::uint64_t idle_ns = *ticks * (1'000'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK)));
  const std::uint64_t own = own_ns();
  const double all = static_cast<double>(now_ns - last_ns_) * static_cast<double>(::sysconf(_SC_NPROCESSORS_ONLN));
  const bool first = last_ns_ == 0;
  // The kernel corrects idle time, at times backwards.
  const Window window{static_cast<double>(std::max(idle_ns, last_idle_ns_) - last_idle_ns_) / all,
                      static_cast<double>(own - last_own_ns_) / all};
  last_ns_ = now_ns;
  last_idle_ns_ = idle_ns;
  last_own_ns_ = own;
  return first ? std::nullopt : std::optional(window);
}

}  // namespace suture

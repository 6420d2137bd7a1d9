#include "runtime/runtime_finder.h"

namespace suture {
namespace {

constexpr std::optional<runtime> (*kFinders[])(const std::string& process) = {find_cpython, find_go, find_tokio};

}  // namespace

std::optional<runtime> find_runtime(const std::string& proc_root, std::uint32_t pid) {
  const std::string process = proc_root + "/" + std::to_string(pid);
  for (const auto find : kFinders)
    if (std::optional<runtime> found = find(process)) return found;
  return std::nullopt;
}

}  // namespace suture

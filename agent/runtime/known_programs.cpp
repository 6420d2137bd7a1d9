// Programs of which it is known by their name how far their threads can be believed; nothing is read of their memory.

#include <unistd.h>

#include <string_view>

#include "runtime/runtime_finder.h"

namespace suture {
namespace {

runtime_kind kind_of(std::string_view name) {
  if (name == "nginx") return RUNTIME_NGINX;
  if (name.starts_with("ruby")) return RUNTIME_RUBY;  // ruby3.1
  return RUNTIME_NONE;
}

}  // namespace

std::optional<runtime> find_known_program(const std::string& process) {
  char path[4096];
  const ssize_t size = ::readlink((process + "/exe").c_str(), path, sizeof path);
  if (size <= 0) return std::nullopt;
  std::string_view name(path, static_cast<std::size_t>(size));
  if (constexpr std::string_view kReplaced = " (deleted)"; name.ends_with(kReplaced)) name.remove_suffix(kReplaced.size());
  runtime found{};
  found.kind = kind_of(name.substr(name.rfind('/') + 1));
  return found.kind != RUNTIME_NONE ? std::optional(found) : std::nullopt;
}

}  // namespace suture

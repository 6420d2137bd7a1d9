// Container id and systemd unit from cgroup paths: see cgroup_path.h.
#include "process/cgroup_path.h"

#include <algorithm>
#include <charconv>

namespace suture {
namespace {

constexpr std::size_t kContainerIdLength = 64;  // SHA-256 in hex, what all runtimes in the list use

bool is_lower_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

/// Calls `visit` with the components of `path` from the deepest up, until it returns true.
template <typename Visit>
void for_each_upwards(std::string_view path, Visit visit) {
  while (!path.empty()) {
    const std::size_t slash = path.rfind('/');
    const std::string_view component = slash == std::string_view::npos ? path : path.substr(slash + 1);
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
    if (!component.empty() && visit(component)) return;
  }
}

std::string_view container_in(std::string_view component) {
  if (component.ends_with(".scope")) component.remove_suffix(6);
  if (component.size() < kContainerIdLength) return {};
  const std::string_view id = component.substr(component.size() - kContainerIdLength);
  const std::string_view before = component.substr(0, component.size() - kContainerIdLength);
  if (!std::all_of(id.begin(), id.end(), is_lower_hex)) return {};
  if (!before.empty() && !before.ends_with('-') && !before.ends_with(':')) return {};
  if (before.ends_with("conmon-")) return {};
  return id;
}

/// systemd writes bytes that a unit name may not hold as \xNN (systemd.unit(5), "String Escaping").
std::string unescape(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    unsigned char byte = 0;
    if (name[i] == '\\' && i + 3 < name.size() && name[i + 1] == 'x' &&
        std::from_chars(name.data() + i + 2, name.data() + i + 4, byte, 16).ptr == name.data() + i + 4) {
      out.push_back(static_cast<char>(byte));
      i += 3;
    } else {
      out.push_back(name[i]);
    }
  }
  return out;
}

}  // namespace

std::string container_id_of(std::string_view cgroup_path) {
  std::string_view found;
  for_each_upwards(cgroup_path, [&](std::string_view component) { return !(found = container_in(component)).empty(); });
  return std::string(found);
}

std::string systemd_unit_of(std::string_view cgroup_path) {
  std::string_view found;
  for_each_upwards(cgroup_path, [&](std::string_view component) {
    if (component.ends_with(".scope")) return true;
    if (!component.ends_with(".service")) return false;
    if (!component.starts_with("user@")) found = component;
    return true;
  });
  return unescape(found);
}

CgroupFacts read_cgroup_text(std::string_view text) {
  CgroupFacts facts;
  std::string_view unified, systemd, other;
  while (!text.empty()) {
    // "hierarchy:controllers:path" (cgroups(7)).
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view path = line.substr(second + 1);
    if (path == "/") continue;
    if (line.starts_with("0::")) {
      unified = path;
    } else if (controllers == "name=systemd") {
      systemd = path;
    } else if (other.empty()) {
      other = path;
    }
    if (facts.container_id.empty()) facts.container_id = container_id_of(path);
  }
  facts.path = !unified.empty() ? unified : !systemd.empty() ? systemd : !other.empty() ? other : std::string_view("/");
  // Inside a container the services of the host around it (containerd.service) say nothing about the process.
  if (facts.container_id.empty()) facts.systemd_unit = systemd_unit_of(!unified.empty() ? unified : systemd);
  return facts;
}

}  // namespace suture

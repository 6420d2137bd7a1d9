// Names in paths: see path_name.h. The two lists are of names seen in images and templates of common frameworks.
#include "process/path_name.h"

#include <algorithm>
#include <array>
#include <vector>

namespace suture {
namespace {

constexpr auto kGenericPrograms = std::to_array<std::string_view>({
    "main", "app", "application", "server", "service", "index", "start", "run", "runner", "program", "entrypoint",
    "__main__", "manage", "wsgi", "asgi", "artisan", "console", "quarkus-run", "a.out", "__debug_bin", "exe",
});

constexpr auto kGenericDirectories = std::to_array<std::string_view>({
    "app", "apps", "application", "src", "source", "bin", "sbin", "lib", "lib64", "libs", "libexec", "dist", "build",
    "target", "out", "output", "release", "releases", "debug", "publish", "public", "opt", "srv", "home", "root", "usr",
    "local", "share", "var", "www", "html", "tmp", "code", "workspace", "workdir", "work", "current", "server",
    "service", "services", "project", "exe", "data", "node_modules", "quarkus-app", "site-packages", "dist-packages",
    "config", "scripts", "main", "run", "mnt", "etc", "cmd",
});

// Three levels: /srv/orders/build/libs/app.jar is as deep as build tools go.
constexpr int kLevelsUp = 3;

// Longer ones are content hashes and temporary directories.
constexpr std::size_t kNameMax = 64;

template <typename List>
bool contains(const List& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

std::string_view parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

std::string_view basename_of(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view stem_of(std::string_view file_name) {
  const std::size_t dot = file_name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? file_name : file_name.substr(0, dot);
}

std::string absolute_path(std::string_view path, std::string_view cwd) {
  std::string joined;
  if (!path.starts_with('/') && !cwd.empty()) joined.append(cwd).push_back('/');
  joined.append(path);

  std::vector<std::string_view> parts;
  std::string_view rest = joined;
  while (!rest.empty()) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
  std::string out;
  for (std::string_view part : parts) {
    if (!out.empty() || joined.starts_with('/')) out.push_back('/');
    out.append(part);
  }
  if (out.empty() && joined.starts_with('/')) out.push_back('/');
  return out;
}

bool is_generic_program(std::string_view name) { return contains(kGenericPrograms, name); }

bool is_meaningful_directory(std::string_view path) {
  const std::string_view name = basename_of(path);
  if (name.size() > kNameMax || name.starts_with('.') || contains(kGenericDirectories, name)) return false;
  if (parent_of(path) == "/home") return false;                 // a person, not a service
  return std::any_of(name.begin(), name.end(), is_letter);      // not a release number or a date
}

std::string meaningful_directory(std::string_view path) {
  for (int level = 0; level < kLevelsUp && !path.empty() && path != "/"; ++level) {
    if (is_meaningful_directory(path)) return std::string(basename_of(path));
    path = parent_of(path);
  }
  return {};
}

std::string meaningful_parent(std::string_view path) { return meaningful_directory(parent_of(path)); }

std::string program_name_of_file(std::string_view file, std::string_view cwd) {
  const std::string_view stem = stem_of(basename_of(file));
  if (is_generic_program(stem)) {
    std::string directory = meaningful_parent(absolute_path(file, cwd));
    if (!directory.empty()) return directory;
  }
  return std::string(stem);
}

}  // namespace suture

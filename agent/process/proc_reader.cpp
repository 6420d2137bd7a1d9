// Reads /proc/PID: see proc_reader.h.
#include "process/proc_reader.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <climits>
#include <utility>

#include "base/fd.h"
#include "process/cgroup_path.h"
#include "process/command_line.h"
#include "process/package_json.h"
#include "process/path_name.h"
#include "process/process_context.h"

namespace suture {
namespace {

constexpr std::size_t kStatMax = 1024;           // 52 numbers and a name of 15 bytes
constexpr std::size_t kCgroupMax = 16 * 1024;    // a dozen hierarchies of deep Kubernetes paths
constexpr std::size_t kCmdlineMax = 32 * 1024;   // Java's class paths come before the main class
constexpr std::size_t kEnvironMax = 128 * 1024;  // ARG_MAX of old; service links fill tens of KiB in Kubernetes
constexpr std::size_t kPackageMax = 64 * 1024;

// What is kept of the arguments: enough for every name in command_line.h, and no more than a few KiB a process.
constexpr std::size_t kArgMax = 512;
constexpr std::size_t kArgsMax = 8 * 1024;
constexpr std::size_t kVariableMax = 8 * 1024;  // of an OpenTelemetry variable; longer ones are left out

constexpr int kPackageLevels = 8;  // directories from the script up in which package.json is looked for

std::optional<std::string> read_up_to(const Fd& fd, std::size_t max) {
  std::string out(max, '\0');
  std::size_t size = 0;
  while (size < max) {
    const ssize_t n = ::read(fd.get(), out.data() + size, max - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  out.resize(size);
  return out;
}

std::optional<std::string> read_file(const Fd& directory, const char* name, std::size_t max) {
  const Fd fd(::openat(directory.get(), name, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.valid()) return std::nullopt;
  return read_up_to(fd, max);
}

std::optional<std::string> read_link(const Fd& directory, const char* name) {
  char path[PATH_MAX];
  const ssize_t n = ::readlinkat(directory.get(), name, path, sizeof path);
  if (n < 0) return std::nullopt;
  return std::string(path, static_cast<std::size_t>(n));
}

struct Stat {
  std::string comm;
  std::uint64_t start_ticks = 0;
};

std::optional<Stat> parse_stat(std::string_view text) {
  // "pid (comm) state ppid ..."; comm may hold brackets and spaces. The start time is field 22 (proc_pid_stat(5)).
  const std::size_t open = text.find('('), close = text.rfind(')');
  if (open == text.npos || close == text.npos || close < open) return std::nullopt;
  Stat stat;
  stat.comm = text.substr(open + 1, close - open - 1);
  std::string_view rest = text.substr(close + 1);
  for (int field = 3; field <= 22; ++field) {
    const std::size_t begin = rest.find_first_not_of(' ');
    if (begin == rest.npos) return std::nullopt;
    rest.remove_prefix(begin);
    if (field < 22) rest.remove_prefix(std::min(rest.find(' '), rest.size()));
  }
  if (std::from_chars(rest.data(), rest.data() + rest.size(), stat.start_ticks).ec != std::errc{}) return std::nullopt;
  return stat;
}

/// Calls `visit` with each of the strings that NULs end, until it returns false.
template <typename Visit>
void for_each_string(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\0'), text.size());
    if (!visit(text.substr(0, end))) return;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::vector<std::string> split_args(std::string_view cmdline) {
  // A process that shortened its title leaves NULs behind it.
  while (!cmdline.empty() && cmdline.back() == '\0') cmdline.remove_suffix(1);
  std::vector<std::string> args;
  std::size_t total = 0;
  for_each_string(cmdline, [&](std::string_view arg) {
    arg = arg.substr(0, kArgMax);
    total += arg.size() + 1;
    if (total > kArgsMax) return false;
    args.emplace_back(arg);
    return true;
  });
  return args;
}

void take_variables(std::string_view environ, ProcessFacts& facts) {
  const std::pair<std::string_view, std::string*> wanted[] = {{"OTEL_SERVICE_NAME=", &facts.otel_service_name},
                                                              {"OTEL_RESOURCE_ATTRIBUTES=", &facts.otel_resource_attributes},
                                                              {"TRACEPARENT=", &facts.traceparent},
                                                              {"TRACESTATE=", &facts.tracestate}};
  for_each_string(environ, [&](std::string_view variable) {
    if (variable.size() > kVariableMax) return true;
    for (const auto& [name, value] : wanted)
      if (variable.starts_with(name)) *value = variable.substr(name.size());
    return true;
  });
}

/// Opens a regular file below the root of the process, whose links must not lead out of it into the agent's files.
Fd open_inside(const Fd& root, const std::string& path) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  Fd fd(static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
  struct stat info{};
  if (!fd.valid() || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return Fd();
  return fd;
}

/// The name of the nearest package.json from the script's directory upwards. A script inside node_modules belongs to
/// the package around it: `node node_modules/.bin/next start` is the shop, not next.
std::string find_package_name(const Fd& directory, const ProcessFacts& facts) {
  const Program program = read_program(facts);
  if (program.runtime != Runtime::Node) return {};
  std::string path = program.script.empty() ? facts.cwd + "/." : absolute_path(program.script, facts.cwd);
  if (!path.starts_with('/')) return {};
  path.resize(std::min(path.find("/node_modules/"), path.rfind('/')));

  const Fd root(::openat(directory.get(), "root", O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return {};
  for (int level = 0; level < kPackageLevels; ++level) {
    if (const Fd file = open_inside(root, path + "/package.json"); file.valid())
      if (const auto json = read_up_to(file, kPackageMax))
        if (std::string name = package_name_in(*json); !name.empty()) return name;
    if (path.empty()) break;
    path.resize(path.rfind('/'));
  }
  return {};
}

}  // namespace

/// A process's directory, and what the kernel tells of the process.
struct ProcReader::Found {
  Fd directory;
  ProcessFacts facts;

  /// What cannot be had makes the facts incomplete.
  std::string take(std::optional<std::string> value) {
    if (!value) facts.complete = false;
    return std::move(value).value_or(std::string());
  }
};

std::optional<ProcReader::Found> ProcReader::find(const ProcessKey& key) {
  const std::string path = root_ + "/" + std::to_string(key.tgid);
  Found found;
  Fd& directory = found.directory = Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto stat_text = directory.valid() ? read_file(directory, "stat", kStatMax) : std::nullopt;
  const auto stat = stat_text ? parse_stat(*stat_text) : std::nullopt;
  if (!stat) {
    counters_.gone.add();
    return std::nullopt;
  }
  const auto ticks_per_second = static_cast<std::uint64_t>(std::max(1L, ::sysconf(_SC_CLK_TCK)));
  if (key.start_ns / (1'000'000'000 / ticks_per_second) != stat->start_ticks) {
    counters_.reused.add();
    return std::nullopt;
  }

  ProcessFacts& facts = found.facts;
  facts.pid = key.tgid;
  facts.start_ns = key.start_ns;
  facts.comm = stat->comm;
  facts.complete = true;
  if (struct stat info{}; ::fstat(directory.get(), &info) == 0) facts.owner_uid = info.st_uid;
  facts.exe = found.take(read_link(directory, "exe"));
  constexpr std::string_view kDeleted = " (deleted)";  // replaced by an upgrade while it runs
  if (facts.exe.ends_with(kDeleted)) facts.exe.resize(facts.exe.size() - kDeleted.size());
  facts.cwd = found.take(read_link(directory, "cwd"));
  CgroupFacts cgroup = read_cgroup_text(found.take(read_file(directory, "cgroup", kCgroupMax)));
  facts.cgroup_path = std::move(cgroup.path);
  facts.container_id = std::move(cgroup.container_id);
  facts.systemd_unit = std::move(cgroup.systemd_unit);
  return found;
}

std::optional<ProcessFacts> ProcReader::look(const ProcessKey& key) {
  std::optional<Found> found = find(key);
  if (!found) return std::nullopt;
  found->facts.complete = false;
  return std::move(found->facts);
}

std::optional<ProcessFacts> ProcReader::read(const ProcessKey& key) {
  std::optional<Found> found = find(key);
  if (!found) return std::nullopt;
  ProcessFacts& facts = found->facts;
  const Fd& directory = found->directory;
  facts.args = split_args(found->take(read_file(directory, "cmdline", kCmdlineMax)));
  take_variables(found->take(read_file(directory, "environ", kEnvironMax)), facts);
  facts.published = read_process_context(directory);
  facts.package_name = find_package_name(directory, facts);
  (facts.complete ? counters_.complete : counters_.partial).add();
  return std::move(facts);
}

}  // namespace suture

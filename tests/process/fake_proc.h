#pragma once
// FakeProc: a directory that looks like /proc, gone with the object.

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace suture::test {

// Clock ticks are hundredths of a second on every Linux that suture runs on (USER_HZ).
inline constexpr std::uint64_t kTickNs = 10'000'000;

struct FakeProcess {
  std::uint32_t pid = 0;
  std::uint64_t start_ticks = 0;
  std::string comm = "x";
  std::string exe = {};
  std::string cwd = "/";
  std::vector<std::string> args = {};
  std::vector<std::string> environment = {};
  std::string cgroup = "0::/\n";
};

class FakeProc {
 public:
  FakeProc() {
    std::string pattern = (std::filesystem::temp_directory_path() / "suture-proc-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  ~FakeProc() { std::filesystem::remove_all(root_); }
  FakeProc(const FakeProc&) = delete;
  FakeProc& operator=(const FakeProc&) = delete;

  std::string path() const { return root_.string(); }

  void add(const FakeProcess& process) {
    const auto directory = root_ / std::to_string(process.pid);
    std::filesystem::create_directories(directory);
    // Fields 4 to 21 are of no interest.
    std::string stat = std::to_string(process.pid) + " (" + process.comm + ") S";
    for (int field = 4; field <= 21; ++field) stat += " 0";
    write(directory / "stat", stat + " " + std::to_string(process.start_ticks) + " 0 0\n");
    std::string cmdline, environ;
    for (const std::string& arg : process.args) cmdline += arg + '\0';
    for (const std::string& variable : process.environment) environ += variable + '\0';
    write(directory / "cmdline", cmdline);
    write(directory / "environ", environ);
    write(directory / "cgroup", process.cgroup);
    std::filesystem::create_symlink(process.exe, directory / "exe");
    std::filesystem::create_symlink(process.cwd, directory / "cwd");
    std::filesystem::create_directories(root_ / "image");
    std::filesystem::create_symlink(root_ / "image", directory / "root");
  }

  void remove(std::uint32_t pid, const char* file = "") {
    std::filesystem::remove_all(root_ / std::to_string(pid) / file);
  }

  /// A file as the processes see it.
  void add_file(const std::string& path, const std::string& text) {
    const auto file = root_ / "image" / path.substr(1);
    std::filesystem::create_directories(file.parent_path());
    write(file, text);
  }
  std::filesystem::path image() const { return root_ / "image"; }

 private:
  static void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

  std::filesystem::path root_;
};

}  // namespace suture::test

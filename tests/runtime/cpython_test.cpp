#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "runtime/runtime_finder.h"
#include "wire/runtime_cpython.h"

namespace suture {
namespace {

/// A Python that says something, and lives until this goes.
class Python {
 public:
  explicit Python(const std::string& program) {
    int to[2], from[2];
    if (::pipe(to) != 0 || ::pipe(from) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(to[0], 0);
      ::dup2(from[1], 1);
      for (int fd : {to[0], to[1], from[0], from[1]}) ::close(fd);
      const std::string text = program + "\nprint(flush=True)\nimport sys; sys.stdin.read()";
      ::execlp("python3", "python3", "-c", text.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    stdin_ = to[1];
    for (char c = 0; ::read(from[0], &c, 1) == 1 && c != '\n';) said_ += c;
    ::close(from[0]);
  }
  Python(const Python&) = delete;
  ~Python() {
    ::close(stdin_);
    ::waitpid(pid_, nullptr, 0);
  }

  std::optional<runtime> find() const { return find_cpython("/proc/" + std::to_string(pid_)); }
  const std::string& said() const { return said_; }

 private:
  pid_t pid_ = -1;
  int stdin_ = -1;
  std::string said_;
};

TEST(CPython, IsFoundWhereItSaysThatItsTasksAre) {
  const Python python(R"(
import sys, asyncio, _asyncio
done = id(asyncio.TaskGroup._on_task_done) if hasattr(asyncio, "TaskGroup") else 0
print(sys.version_info[1], id(_asyncio.__dict__["_current_tasks"]), id(type(lambda: 0)), id(int), done, end=""))");
  unsigned minor = 0;
  unsigned long long tasks = 0, function = 0, number = 0, done = 0;
  ASSERT_EQ(std::sscanf(python.said().c_str(), "%u %llu %llu %llu %llu", &minor, &tasks, &function, &number, &done), 5) << python.said();
  const std::optional<runtime> found = python.find();
  if (minor < 8 || minor > 13) {
    EXPECT_FALSE(found);
    return;
  }
  ASSERT_TRUE(found) << "of Python 3." << minor;
  EXPECT_EQ(found->kind, static_cast<unsigned>(RUNTIME_CPYTHON));
  EXPECT_EQ(found->version, minor);
  EXPECT_EQ(found->address[CPYTHON_CURRENT_TASKS], tasks);
  EXPECT_EQ(found->address[CPYTHON_FUNCTION_TYPE], function);
  EXPECT_EQ(found->address[CPYTHON_INT_TYPE], number);
  EXPECT_EQ(found->address[CPYTHON_GROUP_DONE], done);
}

TEST(CPython, WithoutAsyncioHasNoTasks) {
  const Python python("print('up', end='')");
  ASSERT_EQ(python.said(), "up");
  EXPECT_FALSE(python.find());
}

TEST(CPython, IsNotFoundInAnotherProgram) { EXPECT_FALSE(find_cpython("/proc/self")); }

TEST(CPython, IsNotFoundInAProcessThatIsGone) { EXPECT_FALSE(find_cpython("/proc/0")); }

}  // namespace
}  // namespace suture

#include <cstdio>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "program.h"
#include "runtime/runtime_finder.h"
#include "wire/runtime_cpython.h"

namespace suture {
namespace {

class Python : public test::Program {
 public:
  explicit Python(const std::string& program) : Program({"python3", "-c", program + "\nprint(flush=True)\nimport sys; sys.stdin.read()"}) {}
  std::optional<runtime> find() const { return find_cpython("/proc/" + std::to_string(pid())); }
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

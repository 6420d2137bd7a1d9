#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <optional>
#include <string>

#include "base/fd.h"
#include "runtime/runtime_finder.h"
#include "wire/runtime_tokio.h"

namespace suture {
namespace {

/// A process of `program`, and what it says of itself.
class Program {
 public:
  explicit Program(const char* program) {
    int in[2], out[2];
    if (::pipe(in) != 0 || ::pipe(out) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      for (int fd : {in[0], in[1], out[0], out[1]}) ::close(fd);
      ::execl(program, program, static_cast<char*>(nullptr));
      ::_exit(1);
    }
    ::close(in[0]);
    ::close(out[1]);
    input_ = Fd(in[1]);
    std::FILE* said = ::fdopen(out[0], "r");
    if (std::fscanf(said, "%lu %lu", &waker_, &context_) != 2) waker_ = 0;
    std::fclose(said);
  }
  ~Program() {
    input_ = Fd();
    ::waitpid(pid_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::optional<runtime> find() const { return find_runtime("/proc", static_cast<std::uint32_t>(pid_)); }
  unsigned long waker() const { return waker_; }
  unsigned long context() const { return context_; }

 private:
  pid_t pid_ = -1;
  Fd input_;
  unsigned long waker_ = 0, context_ = 0;
};

TEST(TokioFinder, KnowsWhereItsVariablesAreInTheProcess) {
  const Program program(TOKIO_SYMBOLS);
  ASSERT_NE(program.waker(), 0u);
  const std::optional<runtime> found = program.find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, RUNTIME_TOKIO);
  EXPECT_EQ(found->address[TOKIO_WAKER], program.waker());
  EXPECT_EQ(found->offset[TOKIO_CONTEXT], program.context());
  EXPECT_EQ(found->offset[TOKIO_CONTEXT_BYTES], 80u);
  for (int learned = TOKIO_SLOT; learned <= TOKIO_LOOKED; ++learned) EXPECT_EQ(found->offset[learned], 0u) << learned;
}

TEST(TokioFinder, KnowsAProgramThatIsLoadedWhereItWasLinked) {
  const Program program(TOKIO_SYMBOLS "-fixed");
  const std::optional<runtime> found = program.find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->address[TOKIO_WAKER], program.waker());
  EXPECT_EQ(found->offset[TOKIO_CONTEXT], program.context());
}

TEST(TokioFinder, SaysNothingWithoutSymbolsOrWhereTwoTokiosAre) {
  EXPECT_FALSE(Program(TOKIO_SYMBOLS "-stripped").find());
  EXPECT_FALSE(Program(TOKIO_SYMBOLS "-two").find());
}

}  // namespace
}  // namespace suture

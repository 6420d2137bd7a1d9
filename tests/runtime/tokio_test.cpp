#include <gtest/gtest.h>

#include <cstdio>
#include <optional>

#include "program.h"
#include "runtime/runtime_finder.h"
#include "wire/runtime_tokio.h"

namespace suture {
namespace {

class Tokio : public test::Program {
 public:
  explicit Tokio(const char* program) : Program({program}) { std::sscanf(said().c_str(), "%lu %lu", &waker, &context); }
  std::optional<runtime> find() const { return find_runtime("/proc", pid()); }

  unsigned long waker = 0, context = 0;  // what it says
};

TEST(TokioFinder, KnowsWhereItsVariablesAreInTheProcess) {
  const Tokio program(TOKIO_SYMBOLS);
  ASSERT_NE(program.waker, 0u);
  const std::optional<runtime> found = program.find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, RUNTIME_TOKIO);
  EXPECT_EQ(found->address[TOKIO_WAKER], program.waker);
  EXPECT_EQ(found->offset[TOKIO_CONTEXT], program.context);
  EXPECT_EQ(found->offset[TOKIO_CONTEXT_BYTES], 80u);
  for (int learned = TOKIO_SLOT; learned <= TOKIO_LOOKED; ++learned) EXPECT_EQ(found->offset[learned], 0u) << learned;
}

TEST(TokioFinder, KnowsAProgramThatIsLoadedWhereItWasLinked) {
  const Tokio program(TOKIO_SYMBOLS "-fixed");
  const std::optional<runtime> found = program.find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->address[TOKIO_WAKER], program.waker);
  EXPECT_EQ(found->offset[TOKIO_CONTEXT], program.context);
}

TEST(TokioFinder, SaysNothingWithoutSymbolsOrWhereTwoTokiosAre) {
  EXPECT_FALSE(Tokio(TOKIO_SYMBOLS "-stripped").find());
  EXPECT_FALSE(Tokio(TOKIO_SYMBOLS "-two").find());
}

}  // namespace
}  // namespace suture

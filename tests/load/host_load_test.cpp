#include "load/host_load.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

TEST(HostLoad, IdleIsWhatWaitedForDisksToo) {
  EXPECT_EQ(idle_ticks("cpu  10 20 30 400 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n"), 405u);
  EXPECT_EQ(idle_ticks("cpu  10 20 30 400 5"), 405u);
}

TEST(HostLoad, SaysNothingOfWhatIsNoSuchFile) {
  for (const char* text : {"", "cpu0 1 2 3 4 5\n", "cpu  1 2 3\n", "cpu  a b c d e\n", "cpu "}) EXPECT_EQ(idle_ticks(text), std::nullopt) << text;
  HostLoad nowhere("/nonexistent");
  EXPECT_EQ(nowhere.sample(1'000'000'000), std::nullopt);
}

TEST(HostLoad, SamplesAreNotCloserThanAWindow) {
  HostLoad load("/proc");
  EXPECT_EQ(load.sample(1'000'000'000), std::nullopt) << "nothing to compare with";
  EXPECT_EQ(load.sample(1'050'000'000), std::nullopt);
  const auto window = load.sample(1'200'000'000);
  ASSERT_TRUE(window.has_value());
  EXPECT_GE(window->own, 0);
}

}  // namespace
}  // namespace suture

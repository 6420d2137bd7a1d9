// Invented conversations, with and without loss: every pair is right, and without loss none is missing.
#include "conversation.h"

#include <gtest/gtest.h>

namespace suture::http1 {
namespace {

TEST(Http1Conversation, InventedConversationsAreToldAsTheyWere) {
  std::uint64_t lossless = 0, lossy = 0, dropped = 0;
  for (std::uint32_t seed = 0; seed < 4000; ++seed) {
    const Conversation::Plan plan{(seed & 1) != 0, (seed & 2) != 0, (seed & 4) != 0, 12};
    Dice dice(seed);
    ExchangeCounters counters;
    ASSERT_EQ(Conversation::hold(dice, plan, counters), "") << "seed " << seed;
    (plan.lossy ? lossy : lossless) += counters.exchanges.get();
    dropped += counters.dropped();
  }
  EXPECT_GT(lossless, 2000u * 12);
  EXPECT_GT(lossy, 2000u * 4) << "loss must not silence everything";
  EXPECT_GT(dropped, 0u);
}

}  // namespace
}  // namespace suture::http1

#include "export/bsp.h"

#include <gtest/gtest.h>

#include <map>

namespace suture {
namespace {

Bsp bsp_of(const std::map<std::string, std::string>& variables, Warnings& warnings) {
  return bsp_from(
      [&](const char* name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
      },
      warnings);
}

TEST(Bsp, TakesEachVariableOverTheAgentsOwnDefault) {
  Warnings warnings;
  const Bsp usual = bsp_of({}, warnings);
  EXPECT_EQ(usual.batch.spans, 2048u);
  EXPECT_FALSE(usual.queue_spans);
  const Bsp bsp = bsp_of({{"OTEL_BSP_SCHEDULE_DELAY", "5000"},
                          {"OTEL_BSP_EXPORT_TIMEOUT", "30000"},
                          {"OTEL_BSP_MAX_QUEUE_SIZE", "2000"},
                          {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "512"}},
                         warnings);
  EXPECT_EQ(bsp.batch.age.count(), 5000);
  EXPECT_EQ(bsp.batch.spans, 512u);
  EXPECT_EQ(bsp.export_timeout->count(), 30'000);
  EXPECT_EQ(bsp.queue_spans, 2000u);
  EXPECT_TRUE(warnings.empty());
}

TEST(Bsp, NeverMakesABatchThatItsQueueCannotTake) {
  Warnings warnings;
  EXPECT_EQ(bsp_of({{"OTEL_BSP_MAX_QUEUE_SIZE", "100"}}, warnings).batch.spans, 100u);
}

TEST(Bsp, WarnsOfNonsenseAndLeavesItOut) {
  Warnings warnings;
  const Bsp bsp = bsp_of({{"OTEL_BSP_SCHEDULE_DELAY", "1s"}, {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "0"}, {"OTEL_BSP_MAX_QUEUE_SIZE", "-1"}}, warnings);
  EXPECT_EQ(bsp.batch.age, Batcher::Limits().age);
  EXPECT_EQ(bsp.batch.spans, Batcher::Limits().spans);
  EXPECT_EQ(warnings.size(), 3u);
}

}  // namespace
}  // namespace suture

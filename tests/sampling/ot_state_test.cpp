#include "sampling/ot_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "trace/trace_context.h"

namespace suture {
namespace {

TEST(OtState, IsReadFromItsMember) {
  const OtState state = ot_state_of("a=1,ot=x:y;th:c;rv:00000000000abc,b=2");
  EXPECT_EQ(state.threshold, 0xc0000000000000u);
  EXPECT_EQ(state.randomness, 0xabcu);
}

TEST(OtState, IsNothingWhereItIsMissingOrMalformed) {
  for (const char* text : {"", "a=1", "xot=th:c", "ot=", "ot=th", "ot=th:", "ot=th:xyz", "ot=th:123456789012345", "ot=;;;", "ot=rv:abc", "ot=rv:0000000000abcg"}) {
    EXPECT_FALSE(ot_state_of(text).threshold) << text;
    EXPECT_FALSE(ot_state_of(text).randomness) << text;
  }
}

TEST(OtState, GoesToTheFrontWhenItsThresholdIsWrittenAndKeepsWhatElseItHolds) {
  const Threshold one_percent = threshold_of(0.01);
  const struct {
    const char *before, *after;
  } rows[] = {
      {"", "ot=th:fd70a"},
      {"a=1,b=2", "ot=th:fd70a,a=1,b=2"},
      {"a=1,ot=th:c;rv:00000000000abc;x:y,b=2", "ot=th:fd70a;rv:00000000000abc;x:y,a=1,b=2"},
  };
  for (const auto& row : rows) EXPECT_EQ(with_threshold(row.before, one_percent), row.after);
  EXPECT_EQ(with_threshold("", kCertain), "ot=th:0");
  EXPECT_EQ(with_threshold("a=1,ot=th:c", std::nullopt), "a=1");
  EXPECT_EQ(with_threshold("a=1,ot=th:c;rv:00000000000abc", std::nullopt), "ot=rv:00000000000abc,a=1");
}

TEST(OtState, StaysWithinTheLimitsOfATracestate) {
  std::string members;
  for (int i = 0; i < 32; ++i) members += (i ? "," : "") + std::string("k") + std::to_string(i) + "=v";
  const std::string full = with_threshold(members, kCertain);
  EXPECT_EQ(std::count(full.begin(), full.end(), ','), 31);
  EXPECT_TRUE(full.starts_with("ot=th:0,k0=v,"));
  const std::string large = with_threshold("a=" + std::string(250, 'x') + ",b=" + std::string(250, 'x'), threshold_of(0.01));
  EXPECT_LE(large.size(), kTraceStateLimitBytes);
  const std::string wide = with_threshold("ot=x:" + std::string(250, 'x'), threshold_of(0.01));
  EXPECT_EQ(wide, "ot=th:fd70a");
}

}  // namespace
}  // namespace suture

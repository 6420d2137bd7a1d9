#include "propagation/verdict.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

PropagationCounts counts(std::uint64_t passed, std::uint64_t unchanged, std::uint64_t dropped, std::uint64_t restarted) {
  return {{passed, unchanged, dropped, restarted, 0, 0, 0}};
}

TEST(Verdict, NeedsSeventyThreeOfOneKind) {
  EXPECT_EQ(how_often(0, 0), HowOften::Untold);
  EXPECT_EQ(how_often(kObservations - 1, kObservations - 1), HowOften::Untold);
  EXPECT_EQ(how_often(kObservations, kObservations), HowOften::Always);
  EXPECT_EQ(how_often(0, kObservations - 1), HowOften::Untold);
  EXPECT_EQ(how_often(0, kObservations), HowOften::Never);
}

TEST(Verdict, TellsSometimesFromExceptions) {
  EXPECT_EQ(how_often(50, 100), HowOften::Sometimes);
  EXPECT_EQ(how_often(5, 100), HowOften::Untold);  // 2 to 11 %
  EXPECT_EQ(how_often(20, 1000), HowOften::Never);
  EXPECT_EQ(how_often(980, 1000), HowOften::Always);
  EXPECT_EQ(how_often(900, 1000), HowOften::Sometimes);
}

TEST(Verdict, NamesWhatAServiceDoes) {
  EXPECT_EQ(word_for(counts(100, 0, 0, 0)), "passes on");
  EXPECT_EQ(word_for(counts(0, 100, 0, 0)), "unchanged");
  EXPECT_EQ(word_for(counts(0, 0, 100, 0)), "drops");
  EXPECT_EQ(word_for(counts(0, 0, 0, 100)), "restarts");
  EXPECT_EQ(word_for(counts(50, 0, 50, 0)), "drops some");
  EXPECT_EQ(word_for(counts(50, 0, 0, 50)), "restarts some");
  EXPECT_EQ(word_for(counts(0, 0, 10, 0)), "cannot tell");
  EXPECT_EQ(word_for({{0, 0, 0, 0, 0, 0, 100}}), "cannot tell");
  EXPECT_EQ(word_for({{0, 0, 0, 0, 9, 0, 0}}), "begins traces");
  EXPECT_EQ(word_for({{0, 0, 0, 0, 0, 9, 0}}), "-");
}

}  // namespace
}  // namespace suture

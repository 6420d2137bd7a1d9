#include "base/glob.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

TEST(Glob, MatchesStarsAndQuestionMarks) {
  const struct {
    const char *glob, *text;
    bool matches;
  } rows[] = {
      {"shop", "shop", true},
      {"shop", "shops", false},
      {"sh*", "shop", true},
      {"*op", "shop", true},
      {"s?op", "shop", true},
      {"s?op", "sop", false},
      {"*", "", true},
      {"", "", true},
      {"", "a", false},
      {"*a*b*c", "xxaybzbc", true},
      {"*a*b*c", "xxaybzb", false},
      {"/srv/*/bin", "/srv/a/b/bin", true},
      {"a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
  };
  for (const auto& row : rows) EXPECT_EQ(glob_matches(row.glob, row.text), row.matches) << row.glob << " " << row.text;
}

}  // namespace
}  // namespace suture

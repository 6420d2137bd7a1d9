#include "doctor/report.h"

#include <gtest/gtest.h>

#include <vector>

namespace suture {
namespace {

Finding finding(FindingState state) { return {"an.id", state, "found", "needed", "mend"}; }

int exit_code(std::vector<FindingState> states) {
  std::vector<Finding> findings;
  for (FindingState state : states) findings.push_back(finding(state));
  return exit_code_of(findings);
}

TEST(DoctorReport, ExitCodeIsOfTheWorstFinding) {
  using enum FindingState;
  EXPECT_EQ(exit_code({}), 0);
  EXPECT_EQ(exit_code({Pass, Skip}), 0);
  EXPECT_EQ(exit_code({Pass, Warn, Skip}), 1);
  EXPECT_EQ(exit_code({Fail, Warn, Pass}), 2);
}

TEST(DoctorReport, TextAlignsColumnsAndLeavesOutWhatNeedsNoMending) {
  const std::vector<Finding> findings{{"a", FindingState::Pass, "yes", "anything", ""},
                                      {"longer", FindingState::Fail, "no", "more", "do it"}};
  EXPECT_EQ(to_text(findings, false),
            "      check   found  needed    how to mend\n"
            "pass  a       yes    anything\n"
            "fail  longer  no     more      do it\n");
}

TEST(DoctorReport, TextKeepsAFindingOnOneLineWhateverTheKernelSaid) {
  const std::vector<Finding> findings{{"a", FindingState::Fail, "line\nnext\x1b[31m" + std::string(60, 'x'), "n", "m"},
                                      {"b", FindingState::Pass, "short", "n", ""}};
  const std::string text = to_text(findings, false), pad(44 - 5, ' ');
  EXPECT_NE(text.find("fail  a      line next [31m" + std::string(60, 'x') + "  n       m\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("pass  b      short" + pad + "  n\n"), std::string::npos)
      << text;  // the column's width is bounded
}

TEST(DoctorReport, ColourIsOnTheStateAloneAndOnlyWhereAskedFor) {
  const std::vector<Finding> findings{{"a", FindingState::Warn, "f", "n", ""}};
  EXPECT_NE(to_text(findings, true).find("\x1b[33mwarn\x1b[0m  a"), std::string::npos);
  EXPECT_EQ(to_text(findings, false).find('\x1b'), std::string::npos);
}

TEST(DoctorReport, JsonHoldsEveryFieldEscaped) {
  const std::vector<Finding> findings{{"a.b", FindingState::Skip, "say \"no\"\n", "", ""}, finding(FindingState::Warn)};
  EXPECT_EQ(to_json(findings), R"([{"id":"a.b","state":"skip","found":"say \"no\"\n","needed":"","mend":""},)"
                               R"({"id":"an.id","state":"warn","found":"found","needed":"needed","mend":"mend"}])"
                               "\n");
  EXPECT_EQ(to_json({}), "[]\n");
}

TEST(DoctorReport, SummaryCountsEachState) {
  using enum FindingState;
  const std::vector<Finding> findings{finding(Pass), finding(Pass), finding(Warn), finding(Skip)};
  EXPECT_EQ(summary_of(findings), "2 passed, 1 warning, 0 failures, 1 skipped");
}

}  // namespace
}  // namespace suture

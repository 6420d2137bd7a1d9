// What the audit says of a rule, by how often it was right of late.
#include "link/audit.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

constexpr std::uint16_t kPort = 80;

void add(Audit& audit, std::size_t right, std::size_t wrong, LoadClass load = LoadClass::Light) {
  for (std::size_t i = 0; i < right; ++i) audit.add(kPort, load, true);
  for (std::size_t i = 0; i < wrong; ++i) audit.add(kPort, load, false);
}

TEST(Audit, FewSamplesAreUnknownNotGood) {
  Audit audit;
  add(audit, Audit::kEnough - 1, 0);
  EXPECT_EQ(audit.trust(kPort, LoadClass::Light), Trust::Unknown);
  add(audit, 1, 0);
  EXPECT_EQ(audit.trust(kPort, LoadClass::Light), Trust::Yes);
}

TEST(Audit, WhatHoldsUnderAHeavierLoadHoldsUnderALighterOneAndNotTheOtherWay) {
  Audit audit;
  add(audit, 500, 0, LoadClass::Busy);
  EXPECT_EQ(audit.trust(kPort, LoadClass::Light), Trust::Yes);
  EXPECT_EQ(audit.trust(kPort, LoadClass::Saturated), Trust::Unknown);
  add(audit, 0, 1, LoadClass::Light);
  EXPECT_EQ(audit.trust(kPort, LoadClass::Light), Trust::No);
  EXPECT_EQ(audit.trust(kPort, LoadClass::Busy), Trust::Yes);
}

TEST(Audit, FailingTakesTrustAtOnceAndTimeGivesItBack) {
  Audit audit;
  add(audit, 500, 0);
  EXPECT_EQ(audit.trust(kPort, LoadClass::Light), Trust::Yes);
  add(audit, 0, 1);
  EXPECT_EQ(audit.trust(kPort, LoadClass::Light), Trust::No);
  add(audit, Agreement::kWindow, 0);
  EXPECT_EQ(audit.trust(kPort, LoadClass::Light), Trust::Yes);
}

TEST(Audit, ExactEvidenceIsDisqualifiedOnlyByManyDisagreements) {
  Audit audit;
  add(audit, 0, Audit::kDisqualify - 1);
  EXPECT_FALSE(audit.disqualified(kPort, LoadClass::Light));
  add(audit, 0, 1);
  EXPECT_TRUE(audit.disqualified(kPort, LoadClass::Light));
}

TEST(Audit, SaysHowMuchOfWhatItTrustsMayBeWrong) {
  Audit audit;
  EXPECT_EQ(audit.lower_bound(kPort, LoadClass::Light), 0);
  add(audit, 192, 0);
  EXPECT_NEAR(audit.lower_bound(kPort, LoadClass::Light), 0.9845, 0.0001);  // 0.05^(1/192)
  add(audit, 320, 0, LoadClass::Saturated);
  EXPECT_NEAR(audit.lower_bound(kPort, LoadClass::Light), 0.9942, 0.0001);  // 0.05^(1/512)
  add(audit, 0, 1);
  EXPECT_EQ(audit.lower_bound(kPort, LoadClass::Light), 0);
}

TEST(LoadClass, HasItsEdgesAtFourAndSixteen) {
  EXPECT_EQ(load_class(4), LoadClass::Light);
  EXPECT_EQ(load_class(5), LoadClass::Busy);
  EXPECT_EQ(load_class(16), LoadClass::Busy);
  EXPECT_EQ(load_class(17), LoadClass::Saturated);
}

}  // namespace
}  // namespace suture

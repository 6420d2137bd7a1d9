// Rule "asked", told as what one process did: handlers 1 and 2 read requests and wake workers 8 and 9, which send for them.
#include "link/rules/asked.h"

#include <gtest/gtest.h>

#include "linking.h"

namespace suture {
namespace {

using test::Linking;

TEST(Asked, AWorkerSendsForWhomItWasWoken) {
  Askers askers;
  askers.wakes(1, 8, 101), askers.wakes(1, 9, 101);
  EXPECT_EQ(askers.sends(9), 101u);
  EXPECT_EQ(askers.sends(8), 101u);
  EXPECT_EQ(askers.sends(8), 0u) << "it has done that";
}

TEST(Asked, AWorkerWakesTheNextOneForTheSame) {
  Askers askers;
  askers.wakes(1, 8, 101), askers.wakes(8, 9, 0);
  EXPECT_EQ(askers.sends(9), 101u);
}

TEST(Asked, WorkersThatAreAwakeForTwoMayTakeEachOthersWork) {
  Askers askers;
  askers.wakes(1, 8, 101), askers.wakes(2, 9, 102);
  EXPECT_EQ(askers.sends(8), 0u);
  EXPECT_EQ(askers.sends(9), 0u);
  askers.wakes(1, 8, 101), askers.wakes(3, 9, 0);
  EXPECT_EQ(askers.sends(8), 0u) << "for whom the other one was woken is not known";
}

TEST(Asked, OneThatHasNotSleptMayHaveTakenTheWork) {
  Askers askers;
  askers.wakes(1, 8, 101);
  EXPECT_EQ(askers.sends(9), 0u);
  EXPECT_EQ(askers.sends(8), 0u);
}

TEST(Asked, WhoIsNotSeenToSendIsForgottenWithTheRequest) {
  Askers askers;
  askers.wakes(1, 8, 101), askers.answered(101);
  askers.wakes(2, 9, 102);
  EXPECT_EQ(askers.sends(9), 102u);
}

/// A request that asks workers 8 and 9, of which it awaits only the answer that comes last. Its calls are `id` * 10 and one more.
void asks_two(Linking& l, ExchangeId id, bool heard = true) {
  const ExchangeId first = id * 10, last = first + 1;
  l.reads(id, 1);
  l.asks(id, 1, 8), l.asks(id, 1, 9);
  l.sends(first, 0, 8), l.sends(last, 0, 9);
  if (heard) l.hears(first, 8);
  l.hears(last, 9), l.wakes(last, 1, id, 0x1000 + 64 * id), l.answers(id);
}

TEST(Asked, IsTrustedOnceCompletionHasAgreedOftenEnough) {
  Linking l;
  for (ExchangeId id = 1000; id < 1000 + Audit::kEnough - 1; ++id) asks_two(l, id);
  l.seen();
  asks_two(l, 2000);
  EXPECT_EQ(l.seen(), "20001 under 2000 by completion\n20000 under 2000 by asked\n");
}

TEST(Asked, WhatIsNotAnsweredBeforeTheRequestIsNotLinked) {
  Linking l;
  for (ExchangeId id = 1000; id < 1000 + Audit::kEnough; ++id) asks_two(l, id);
  l.seen();
  asks_two(l, 2000, false);
  EXPECT_EQ(l.seen(), "20001 under 2000 by completion\n20000 alone\n");
}

TEST(Asked, OneThatCompletionContradictsTakesAllTrust) {
  Linking l;
  for (ExchangeId id = 1000; id < 1000 + Audit::kEnough; ++id) asks_two(l, id);
  l.reads(3, 1), l.reads(4, 2);
  l.asks(3, 1, 8), l.sends(30, 0, 8);  // it has taken what another had put there
  l.answers(3), l.hears(30, 8), l.wakes(30, 2, 4, 0x40), l.answers(4);
  l.seen();
  asks_two(l, 2000);
  EXPECT_EQ(l.seen(), "20001 under 2000 by completion\n20000 alone, perhaps under 2000\n");
}

}  // namespace
}  // namespace suture

// Threads that a service starts for its calls, told as what one process did: handlers 1 and 2 read requests, start threads
// for the calls, and answer.
#include "link/rules/spawn.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "linking.h"

namespace suture {
namespace {

using test::Linking;

/// Handler 1 answers so many requests, each of which has a thread started that sends once and `ends`. Request 9 stays open:
/// what is seen with one in flight says nothing of two.
void serve(Linking& l, std::size_t requests, void (Linking::*ends)(std::uint32_t) = &Linking::exits) {
  l.reads(9, 7);
  for (ExchangeId i = 1; i <= requests; ++i) {
    const auto thread = static_cast<std::uint32_t>(5000 + i);
    l.reads(10'000 + i, 1), l.sends_started(20'000 + i, 10'000 + i, thread), (l.*ends)(thread), l.answers(10'000 + i);
  }
}

/// What was decided, but for the calls of serve().
std::string outcome(Linking& l) {
  l.answers(9);
  std::istringstream all(l.seen());
  std::string kept;
  for (std::string line; std::getline(all, line);)
    if (line.starts_with("10")) kept += line + '\n';
  return kept;
}

TEST(Spawn, AThreadThatEndsWithTheRequestItWasStartedForHadSentForThat) {
  Linking l;
  serve(l, Audit::kEnough);
  l.reads(1, 1), l.reads(2, 2);
  l.sends_started(101, 1, 8), l.sends_started(102, 2, 9), l.sends_started(103, 1, 10);
  l.answers(2), l.answers(1);
  EXPECT_EQ(outcome(l), "102 under 2 by spawn\n101 under 1 by spawn\n103 under 1 by spawn\n");
  EXPECT_GT(l.last.confidence, 0.98);
  EXPECT_LT(l.last.confidence, 1.0);
}

TEST(Spawn, AThreadThatHasEndedHadSentForWhatItWasStartedFor) {
  Linking l;
  l.reads(1, 1), l.reads(2, 2);
  l.sends_started(101, 1, 8), l.sends_started(102, 1, 9), l.sends_started(103, 1, 10);
  l.exits(8), l.answers_by(9, 2), l.exits(9), l.answers(1);
  EXPECT_EQ(l.seen(), "101 under 1 by spawn\n102 alone\n103 alone\n");
  EXPECT_EQ(l.last.confidence, 1.0);
  EXPECT_FALSE(l.last.audited);
}

TEST(Spawn, WhatAThreadElseDidIsNotKnownWhereEventsWereLost) {
  Linking l;
  l.reads(1, 1), l.sends_started(101, 1, 8), l.loses(), l.exits(8), l.answers(1);
  EXPECT_EQ(l.seen(), "101 alone\n");
}

TEST(Spawn, WhereThreadsAreKeptTheirRestIsAnEndOnceAFewHaveBeenSeen) {
  Linking l;
  l.executes("/usr/bin/ruby3.1");
  serve(l, Audit::kDisqualify - 2, &Linking::rests_at_home);
  l.reads(1, 1), l.sends_started(101, 1, 8), l.rests_at_home(8), l.answers(1);
  l.reads(2, 1), l.sends_started(102, 2, 8), l.rests_at_home(8), l.answers(2);
  EXPECT_LT(l.last.confidence, 1.0);
  EXPECT_EQ(outcome(l), "102 under 2 by spawn\n101 alone\n");
}

TEST(Spawn, ElsewhereAThreadOfAPoolRestsSoToo) {
  Linking l;
  serve(l, Audit::kEnough, &Linking::rests_at_home);
  l.reads(1, 1), l.sends_started(101, 1, 8), l.rests_at_home(8), l.answers(1);
  EXPECT_EQ(outcome(l), "101 alone\n");
}

TEST(Spawn, AFewThreadsThatAreStillThereAreNotEnough) {
  Linking l;
  serve(l, Audit::kEnough - 1);
  l.reads(1, 1), l.reads(2, 2), l.sends_started(101, 1, 8), l.answers(1), l.answers(2);
  EXPECT_EQ(outcome(l), "101 alone, perhaps under 1\n");
}

TEST(Spawn, AThreadOfAPoolOutlivesTheRequestThatHadItStarted) {
  Linking l;
  serve(l, Audit::kEnough);
  l.reads(1, 1), l.sends_started(101, 1, 8), l.answers(1);
  l.reads(2, 2), l.sends_started(102, 0, 8), l.answers(2);  // what it was started for is answered
  l.reads(3, 1), l.sends_started(103, 3, 9), l.answers(3);
  EXPECT_EQ(outcome(l), "101 under 1 by spawn\n102 alone\n103 alone, perhaps under 3\n");
}

TEST(Spawn, AThreadThatAnswersAnotherRequestWasNotStartedForOne) {
  Linking l;
  serve(l, Audit::kEnough);
  l.reads(1, 1), l.reads(2, 2), l.sends_started(101, 1, 8), l.answers_by(8, 2), l.answers(1);
  l.reads(3, 1), l.sends_started(103, 3, 9), l.answers(3);
  EXPECT_EQ(outcome(l), "101 alone, perhaps under 1\n103 alone, perhaps under 3\n");
}

TEST(Spawn, ALoopThatHasReadSeveralRequestsStartsAThreadForAnyOfThem) {
  Linking l;
  serve(l, Audit::kEnough);
  l.reads(1, 1), l.reads(2, 1), l.sends_started(101, 2, 8), l.answers(2), l.answers(1);
  EXPECT_EQ(outcome(l), "101 alone\n");
}

TEST(Spawn, AnExactRuleThatFindsAnotherParentIsRightAndEndsTheTrust) {
  Linking l;
  serve(l, Audit::kEnough);
  l.seen();
  l.reads(1, 1), l.reads(2, 2);
  l.sends_started(101, 1, 8), l.hears(101, 8), l.wakes(101, 2, 2, 0x1000), l.answers(2);
  EXPECT_EQ(l.seen(), "101 under 2 by completion\n");
  l.sends_started(102, 1, 9), l.answers(1);
  EXPECT_EQ(outcome(l), "102 alone, perhaps under 1\n");
}

}  // namespace
}  // namespace suture

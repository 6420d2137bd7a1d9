// Requests that are handed over to threads of a pool, told as what one process did: handlers 1 and 2 read requests and wait,
// workers 8 and 9 send for them.
#include "link/rules/completion.h"

#include <gtest/gtest.h>

#include "linking.h"

namespace suture {
namespace {

using test::Linking;

constexpr std::uint64_t kFuture = 0x1000, kOtherFuture = 0x2000, kLock = 0x3000;

TEST(Completion, TheThreadThatWaitedForTheAnswerAndAnswersItselfHadItSent) {
  Linking l;
  l.reads(1, 1), l.reads(2, 2);
  l.sends(101, 0, 8), l.sends(102, 0, 9);
  l.hears(102, 9), l.wakes(102, 1, 1, kFuture);
  EXPECT_EQ(l.seen(), "");
  l.answers(1);
  EXPECT_EQ(l.seen(), "102 under 1 by completion\n");
  l.hears(101, 8), l.wakes(101, 2, 2, kOtherFuture), l.answers(2);
  EXPECT_EQ(l.seen(), "101 under 2 by completion\n");
  EXPECT_EQ(l.linker.counters().by_completion.get(), 2u);
}

TEST(Completion, OneRequestMayHaveSeveralSentForIt) {
  Linking l;
  l.reads(1, 1), l.reads(2, 2);
  l.sends(101, 0, 8), l.hears(101, 8), l.wakes(101, 1, 1, kFuture);
  l.sends(102, 0, 8), l.hears(102, 8), l.wakes(102, 1, 1, kOtherFuture);
  l.answers(1);
  EXPECT_EQ(l.seen(), "101 under 1 by completion\n102 under 1 by completion\n");
}

TEST(Completion, ALockThatIsGivenBackCompletesNothing) {
  Linking l;
  l.reads(1, 1), l.reads(2, 2);
  l.sends(101, 0, 8), l.hears(101, 8);
  l.wakes(101, 2, 2, kLock);    // it held the lock while it worked on the answer,
  l.wakes(101, 1, 1, kFuture);  // and then completed what waited for it
  l.shares(kLock);
  l.answers(2);
  EXPECT_EQ(l.seen(), "");
  l.answers(1);
  EXPECT_EQ(l.seen(), "101 under 1 by completion\n");
}

TEST(Completion, OnlyTheFirstThatWasWokenHadWaited) {
  Linking l;
  l.reads(1, 1), l.reads(2, 2);
  l.sends(101, 0, 8), l.hears(101, 8);
  l.wakes(101, 1, 1, kFuture), l.wakes(101, 2, 2, kOtherFuture);
  l.answers(2), l.answers(1);
  EXPECT_EQ(l.seen(), "101 under 1 by completion\n");
}

TEST(Completion, WithoutItsAnswerTheSleeperIsNoSign) {
  Linking l;  // it left the request to others and sleeps until there is more to do
  l.reads(1, 1), l.reads(2, 2);
  l.sends(101, 0, 8), l.hears(101, 8), l.wakes(101, 1, 1, kFuture);
  l.answers_by(9, 1), l.answers(2);
  EXPECT_EQ(l.seen(), "101 alone\n");
}

TEST(Completion, ASleeperThatGoesOnToAnswerAnotherRequestIsNoSign) {
  Linking l;
  l.reads(1, 1), l.reads(2, 2);
  l.sends(101, 0, 8), l.hears(101, 8), l.wakes(101, 1, 1, kFuture);
  l.answers_by(1, 2), l.answers(1);
  EXPECT_EQ(l.seen(), "101 alone\n");
}

TEST(Completion, AProcessWhoseSleepersAnswerOthersLosesTrust) {
  Linking l;
  for (ExchangeId i = 1; i <= Audit::kDisqualify; ++i) {
    l.reads(i, 1), l.reads(1000 + i, 2);
    l.sends(2000 + i, 0, 8), l.hears(2000 + i, 8), l.wakes(2000 + i, 1, i, kFuture);
    l.answers_by(1, 1000 + i), l.answers(i);
  }
  l.seen();
  l.reads(900, 1), l.sends(901, 0, 8), l.hears(901, 8), l.wakes(901, 1, 900, kFuture), l.answers(900);
  EXPECT_EQ(l.seen(), "901 alone\n");
}

TEST(Completion, AThreadWithSeveralRequestsWaitsForNoneOfThem) {
  Linking l;
  l.reads(1, 1), l.reads(2, 1);
  l.sends(101, 0, 8), l.hears(101, 8), l.wakes(101, 1, 2, kFuture);
  l.answers(2), l.answers(1);
  EXPECT_EQ(l.seen(), "101 alone\n");
}

TEST(Completion, ARequestThatWasSentBeforeItsSleeperReadAnyIsOfAnother) {
  Linking l;
  l.reads(1, 1);
  l.sends(101, 0, 8);
  l.reads(2, 2);
  l.hears(101, 8), l.wakes(101, 2, 2, kFuture);
  l.answers(2), l.answers(1);
  EXPECT_EQ(l.seen(), "101 alone\n");
}

TEST(Completion, WhatAThreadWithARequestSendsIsItsOwn) {
  Linking l;
  l.reads(1, 1), l.reads(2, 2);
  l.sends(101, 2, 2), l.hears(101, 2), l.wakes(101, 1, 1, kFuture);
  l.answers(1), l.answers(2);
  EXPECT_EQ(l.seen(), "101 under 2 by thread\n");
}

// The worker that has read the answer answers the request itself.

TEST(Completion, AWorkerThatAnswersForAnotherThreadHadSentForThatRequest) {
  Linking l;
  l.reads(1, 1), l.reads(2, 1);
  l.sends(102, 0, 9), l.sends(101, 0, 8);
  l.hears(102, 9), l.answers_by(9, 2);
  l.hears(101, 8), l.answers_by(8, 1);
  EXPECT_EQ(l.seen(), "102 under 2 by completion\n101 under 1 by completion\n");
}

TEST(Completion, AWorkerThatSendsAgainHasPutTheFirstAnswerDown) {
  Linking l;
  l.reads(1, 1);
  l.sends(101, 0, 8), l.hears(101, 8);
  l.sends(102, 0, 8), l.hears(102, 8), l.answers_by(8, 1);
  EXPECT_EQ(l.seen(), "102 under 1 by completion\n101 alone\n");
}

TEST(Completion, AnEventLoopAnswersWhateverComesNext) {
  Linking l;
  l.nonblocking = true;
  l.reads(1, 1), l.reads(2, 1);
  l.sends(101, 0, 8), l.hears(101, 8), l.answers_by(8, 1);
  l.answers(2);
  EXPECT_EQ(l.seen(), "101 alone\n");
}

// It costs every wake-up of the host something to watch who wakes whom.

TEST(Completion, WakeUpsAreWorthTheirPriceOnceSomeRequestsHadNoOwner) {
  Linking l;
  for (ExchangeId i = 1; i <= 5; ++i) l.reads(i, 1), l.sends(100 + i, 0, 8), l.answers(i);
  EXPECT_EQ(l.seen(), "101 alone\n102 alone\n103 alone\n104 alone\nhands over\n105 alone\n");
}

TEST(Completion, ALoopThatSendsOnItsOwnHandsNothingOver) {
  Linking l;
  for (ExchangeId i = 1; i <= 9; ++i) l.reads(i, 1), l.sends(100 + i, 0, 1), l.answers(i);
  EXPECT_EQ(l.seen().find("hands over"), std::string::npos);
}

TEST(Completion, WhereARuntimeTellsWhoWaitsItsThreadsSayNothing) {
  Linking l;
  l.reads(900, 1), l.sends_as(901, RUNTIME_GO, {1}), l.answers(900);
  for (ExchangeId i = 1; i <= 9; ++i) l.reads(i, 1), l.sends(100 + i, 0, 8), l.answers(i);
  EXPECT_EQ(l.seen().find("hands over"), std::string::npos);
}

TEST(Completion, ALoopThatReadsTheAnswersOfOthersCompletesNothing) {
  Linking l;  // a selector reads what another thread has sent for, and wakes threads as it goes
  l.reads(1, 1);
  l.sends(101, 0, 8);
  l.nonblocking = true;
  l.hears(101, 9), l.wakes(101, 1, 1, kFuture), l.answers(1);
  EXPECT_EQ(l.seen(), "101 alone\n");
}

TEST(Completion, NothingIsCompletedOfWhatWasSentBeforeEventsWereLost) {
  Linking l;
  l.reads(1, 1), l.sends(101, 0, 8), l.hears(101, 8);
  l.loses();  // perhaps who was woken first
  l.wakes(101, 1, 1, kFuture), l.answers(1);
  l.reads(2, 2), l.sends(102, 0, 8), l.hears(102, 8), l.wakes(102, 2, 2, kFuture), l.answers(2);
  EXPECT_EQ(l.seen(), "101 alone\n102 under 2 by completion\n");
}

TEST(Completion, WhoHadReadAnAnswerBeforeEventsWereLostMayHaveDoneWithIt) {
  Linking l;
  l.reads(1, 1), l.sends(101, 0, 8), l.hears(101, 8);
  l.loses();
  l.answers_by(8, 1);
  EXPECT_EQ(l.seen(), "101 alone\n");
}

/// Calls whose answers a loop reads and passes on to workers; of every `of` one leads to the handler that waits.
void serve_by_loop(Linking& l, ExchangeId of) {
  l.nonblocking = true;
  for (ExchangeId i = 1; i <= of * Audit::kDisqualify; ++i) {
    l.reads(1000 + i, 1), l.sends(2000 + i, 0, 8), l.hears(2000 + i, 9), l.passes(2000 + i, 7);
    if (i % of == 0) l.wakes(2000 + i, 1, 1000 + i, kFuture, WAKE_PASSED_ON);
    l.answers(1000 + i);
  }
  l.seen();
}

TEST(Completion, AWorkerToWhichALoopPassedTheAnswerCompletes) {
  Linking l;
  serve_by_loop(l, 1);
  l.reads(1, 1), l.sends(101, 0, 8);
  l.hears(101, 9), l.passes(101, 7), l.wakes(101, 1, 1, kFuture, WAKE_PASSED_ON), l.answers(1);
  EXPECT_EQ(l.seen(), "101 under 1 by completion\n");
  EXPECT_LT(l.last.confidence, 1.0);
}

TEST(Completion, AWorkerThatWakesTwoWithOneAnswerHasTakenUpAnother) {
  Linking l;
  serve_by_loop(l, 1);
  l.reads(1, 1), l.reads(2, 2), l.sends(101, 0, 8);
  l.hears(101, 9), l.wakes(101, 1, 1, kFuture, WAKE_PASSED_ON), l.wakes(101, 2, 2, kOtherFuture, WAKE_PASSED_ON);
  l.answers(1), l.answers(2);
  EXPECT_EQ(l.seen(), "101 alone\n");
}

TEST(Completion, AWorkerThatMayHaveTakenUpAnotherAnswerCompletesNothing) {
  Linking l;
  serve_by_loop(l, 1);
  l.reads(1, 1), l.reads(2, 2), l.reads(3, 3), l.sends(101, 0, 8), l.sends(102, 0, 8), l.sends(103, 0, 8);
  l.hears(101, 9), l.passes(101, 7);
  l.hears(103, 9), l.passes(103, 6), l.wakes(103, 3, 3, kOtherFuture, WAKE_PASSED_ON);
  l.hears(102, 9);  // handler 1 does not sleep yet, and worker 7 goes on with 102 at once
  l.wakes(101, 2, 2, kFuture, WAKE_PASSED_ON), l.answers(2), l.answers(1), l.answers(3);
  EXPECT_EQ(l.seen(), "103 under 3 by completion\n101 alone\n102 alone\n");
}

TEST(Completion, WhoHasBeenAwakeSinceItWasSentWaitsForSomethingElse) {
  Linking l;
  serve_by_loop(l, 1);
  l.reads(1, 1), l.reads(2, 2), l.waits(2, 2);
  l.sends(101, 0, 8), l.sends(102, 0, 8), l.waits(1, 1);
  l.waits(2, 9);  // the loop has read something for 2, and is not the one that waits
  l.hears(101, 9), l.passes(101, 7), l.wakes(101, 1, 1, kFuture, WAKE_PASSED_ON);
  l.hears(102, 9), l.passes(102, 6), l.wakes(102, 2, 2, kOtherFuture, WAKE_PASSED_ON);
  l.answers(1), l.answers(2);
  EXPECT_EQ(l.seen(), "102 under 2 by completion\n101 alone\n");
}

TEST(Completion, WhereHardlyAnAnswerThatIsPassedOnLeadsToWhoWaitsNoneDoes) {
  Linking l;  // nobody waits for calls there: those few slept at a lock
  serve_by_loop(l, 5);
  l.reads(1, 1), l.sends(101, 0, 8);
  l.hears(101, 9), l.wakes(101, 1, 1, kFuture, WAKE_PASSED_ON), l.answers(1);
  EXPECT_EQ(l.seen(), "101 alone\n");
}

TEST(Completion, WhatAWorkerHasReadItselfItNeedNotPassOn) {
  Linking l;  // it wakes the next worker: there is more to do, and not of this
  l.reads(1, 1);
  l.sends(101, 0, 8);
  l.hears(101, 8), l.wakes(101, 1, 1, kFuture, WAKE_PASSED_ON), l.answers(1);
  EXPECT_EQ(l.seen(), "101 alone\n");
}

TEST(Completion, AThreadThatWaitsWithATimeOutForWhatItSentIsNoLoop) {
  Linking l;
  l.reads(1, 1);
  l.sends(101, 0, 8);
  l.nonblocking = true;
  l.hears(101, 8), l.wakes(101, 1, 1, kFuture), l.answers(1);
  EXPECT_EQ(l.seen(), "101 under 1 by completion\n");
}

TEST(Completion, WhereARuntimeWakesThreadsForReasonsOfItsOwnNothingIsCompleted) {
  Linking l;
  l.executes("/usr/bin/ruby3.1");
  l.reads(1, 1);
  l.sends(101, 0, 8);
  l.hears(101, 8), l.wakes(101, 1, 1, kFuture), l.answers(1);
  EXPECT_EQ(l.seen(), "101 alone\n");
}

}  // namespace
}  // namespace suture

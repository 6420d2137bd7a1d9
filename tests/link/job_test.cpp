// Workers that answer what another thread has read, told as what one process did: thread 1 reads all requests, workers 8 and 9 take them
// from its queue in that order, call twice and answer.
#include "link/rules/job.h"

#include <gtest/gtest.h>

#include "linking.h"

namespace suture {
namespace {

using test::Linking;

void calls_once(Linking& l, ExchangeId id, std::uint32_t worker) { l.sends(id, 0, worker), l.hears(id, worker); }

/// Worker 8 is never idle: request 3 stays open all the time.
void answer_enough(Linking& l) {
  l.reads(3, 2), l.reads(4, 1);
  l.answers_by(8, 4);
  for (ExchangeId id = 1000; id < 1001 + Audit::kEnough; ++id) l.reads(id, 1), calls_once(l, id * 10, 8), calls_once(l, id * 10 + 1, 8), l.answers_by(8, id);
  l.seen();
}

TEST(Job, WhatAWorkerHasSentSinceItAnsweredLastIsForWhatItAnswersNext) {
  Linking l;
  answer_enough(l);
  l.reads(1, 1), calls_once(l, 101, 8), calls_once(l, 102, 8), l.answers_by(8, 1);
  EXPECT_EQ(l.seen(), "102 under 1 by completion\n101 under 1 by handover\n");
  EXPECT_GT(l.last.confidence, 0.98);
  EXPECT_LT(l.last.confidence, 1.0);
}

TEST(Job, ItIsAGuessThatMustProveItself) {
  Linking l;
  l.reads(3, 2), l.reads(4, 1), l.answers_by(8, 4);
  l.reads(1, 1), calls_once(l, 101, 8), calls_once(l, 102, 8), l.answers_by(8, 1);
  EXPECT_EQ(l.seen(), "102 under 1 by completion\n");
}

TEST(Job, WhatWasSentBeforeTheRequestWasReadIsNotForIt) {
  Linking l;
  answer_enough(l);
  calls_once(l, 101, 8), l.reads(1, 1), calls_once(l, 102, 8), l.answers_by(8, 1);
  EXPECT_EQ(l.seen(), "102 under 1 by completion\n");
  l.reads(2, 1), calls_once(l, 201, 8), calls_once(l, 202, 8), l.answers_by(8, 2);
  EXPECT_EQ(l.seen(), "202 under 2 by completion\n") << "there are jobs that answer nothing";
}

TEST(Job, AWorkerThatSleepsWithoutHavingAnsweredHasDoneAJobThatAnswersNothing) {
  Linking l;
  answer_enough(l);
  calls_once(l, 101, 8), l.rests(8);
  l.reads(1, 1), calls_once(l, 102, 8), calls_once(l, 103, 8), l.answers_by(8, 1);
  EXPECT_EQ(l.seen(), "103 under 1 by completion\n");
}

TEST(Job, WhatWasSentBeforeAnOlderRequestWasTakenIsNotForAYoungerOne) {
  Linking l;
  answer_enough(l);
  l.reads(5, 1), l.reads(1, 1), l.reads(2, 1);
  calls_once(l, 101, 8), l.answers_by(9, 5);  // 8 works for nobody; only now can 9 take request 1, and then 8 takes request 2
  calls_once(l, 201, 8), calls_once(l, 202, 9), l.answers_by(9, 1), l.answers_by(8, 2);
  EXPECT_EQ(l.seen(), "202 under 1 by completion\n201 under 2 by completion\n");
}

TEST(Job, AnOlderRequestThatTurnsOutToHaveBeenTakenLaterTakesAllTrust) {
  Linking l;
  answer_enough(l);
  l.reads(5, 1), l.reads(1, 1), l.reads(2, 1);
  calls_once(l, 201, 8), l.answers_by(9, 5), calls_once(l, 202, 8), l.answers_by(8, 2);
  l.seen();
  calls_once(l, 102, 9), l.answers_by(9, 1);
  l.seen();
  l.reads(6, 1), calls_once(l, 601, 8), calls_once(l, 602, 8), l.answers_by(8, 6);
  EXPECT_EQ(l.seen(), "602 under 6 by completion\n");
}

TEST(Job, WhoDoesNotWaitForEachAnswerIsNoWorker) {
  Linking l;
  answer_enough(l);
  l.reads(1, 1), l.sends(101, 0, 8), l.sends(102, 0, 8), l.hears(102, 8), l.hears(101, 8), l.answers_by(8, 1);
  EXPECT_EQ(l.seen(), "101 under 1 by completion\n");
}

}  // namespace
}  // namespace suture

// Workers of a pool, told as what one process did: handlers 1 and 2 read requests and wake workers 8 and 9, which send for them.
#include "link/rules/handover.h"

#include <gtest/gtest.h>

#include "linking.h"

namespace suture {
namespace {

using test::Linking;

/// A request asks workers 8 and 9 and waits only for the answer that comes last. Its calls are `id` * 10 and one more.
void serve_one(Linking& l, ExchangeId id) {
  const ExchangeId first = id * 10, last = first + 1;
  l.reads(id, 1);
  l.hands(id, 1, 8), l.hands(id, 1, 9);
  l.sends(first, 0, 8), l.sends(last, 0, 9);
  l.hears(first, 8), l.hears(last, 9), l.wakes(last, 1, id, 0x1000 + 64 * id), l.answers(id);
}

/// Under a load of two: request 3 stays open all the time.
void serve_enough(Linking& l, std::size_t requests = Audit::kEnough + 1) {
  l.reads(3, 3);
  for (ExchangeId id = 1000; id < 1000 + requests; ++id) l.now_ns += Handovers::kAtOnce, serve_one(l, id);
  l.seen();
  l.now_ns += Handovers::kAtOnce;
}

TEST(Handover, WhatNobodyWaitedForIsLinkedToWhoWokeItsWorker) {
  Linking l;
  serve_enough(l);
  // Worker 9 is heard first: its answer had come before anybody waited for it.
  l.reads(1, 1), l.hands(1, 1, 8), l.hands(1, 1, 9), l.sends(101, 0, 8), l.sends(102, 0, 9);
  l.hears(102, 9), l.hears(101, 8), l.wakes(101, 1, 1, 0x40), l.now_ns += Handovers::kAtOnce, l.hands(3, 3, 7), l.answers(1);
  EXPECT_EQ(l.seen(), "101 under 1 by completion\n102 under 1 by handover\n");
  EXPECT_GT(l.last.confidence, 0.98);
  EXPECT_LT(l.last.confidence, 1.0);
}

TEST(Handover, NothingIsSaidWhereAnotherWorkerMayHaveTakenTheWork) {
  const auto outcome = [](auto&& meanwhile) {
    Linking l;
    serve_enough(l);
    l.reads(1, 1), l.reads(2, 2), l.hands(1, 1, 8), l.hands(1, 1, 9);
    meanwhile(l);
    l.sends(101, 0, 8), l.sends(102, 0, 9);
    l.hears(102, 9), l.hears(101, 8), l.wakes(101, 1, 1, 0x40), l.now_ns += Handovers::kAtOnce, l.hands(3, 3, 7), l.answers(1);
    return l.seen();
  };
  EXPECT_EQ(outcome([](Linking&) {}), "101 under 1 by completion\n102 under 1 by handover\n");
  EXPECT_EQ(outcome([](Linking& l) { l.sends(201, 0, 6); }), "101 under 1 by completion\n") << "one that had not slept";
  EXPECT_EQ(outcome([](Linking& l) { l.hands(2, 2, 6); }), "101 under 1 by completion\n") << "one that was woken for another";
  EXPECT_EQ(outcome([](Linking& l) { l.hands(2, 2, 6), l.rests(2, 6); }), "101 under 1 by completion\n") << "it found nothing";
}

TEST(Handover, WhereAllOthersWorkOneThatIsDoneMayTakeWhatIsLeft) {
  Linking l;
  serve_enough(l);
  l.reads(1, 1), l.hands(1, 1, 8), l.hands(1, 1, 9), l.sends(101, 0, 8), l.sends(102, 0, 9);
  l.hears(102, 9), l.hears(101, 8), l.sends(103, 0, 9), l.wakes(101, 1, 1, 0x40), l.now_ns += Handovers::kAtOnce, l.hands(3, 3, 7), l.answers(1);
  EXPECT_EQ(l.seen(), "101 under 1 by completion\n");
}

TEST(Handover, OneThatCompletionContradictsTakesAllTrust) {
  Linking l;
  serve_enough(l);
  l.reads(1, 1), l.reads(2, 2), l.hands(1, 1, 8), l.hands(1, 1, 9), l.sends(101, 0, 8), l.sends(102, 0, 9);
  l.hears(101, 8), l.hears(102, 9), l.hands(3, 3, 7), l.wakes(102, 2, 2, 0x40), l.answers(2), l.answers(1);
  l.seen();
  l.now_ns += Handovers::kAtOnce;
  l.reads(4, 1), l.hands(4, 1, 8), l.hands(4, 1, 9), l.sends(401, 0, 8), l.sends(402, 0, 9);
  l.hears(402, 9), l.hears(401, 8), l.wakes(401, 1, 4, 0x80), l.now_ns += Handovers::kAtOnce, l.hands(3, 3, 6), l.answers(4);
  EXPECT_EQ(l.seen(), "401 under 4 by completion\n");
}

}  // namespace
}  // namespace suture

// A pool whose workers wake each other, told as what one process did: handlers 1 and 2 read requests and put work into the queue of
// workers 7, 8 and 9; only what is put into an empty queue wakes anybody.
#include "link/rules/queue.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "linking.h"

namespace suture {
namespace {

using test::Linking;

constexpr std::uint32_t kHandler = 1, kOther = 2;

/// Handler 1 wakes worker 8 at 1010, which wakes worker 9. Both send, calls 80 and 90, at 1050 and 1060.
void hand_over(Queue& queue) {
  queue.wakes(kHandler, true, 8, 1010);
  queue.ran(kHandler, 1000, 1020);
  queue.wakes(8, false, 9, 1030), queue.wakes(9, false, 7, 1040);
  queue.sends(8, 80, 1050), queue.sends(9, 90, 1060);
  queue.sleeps(7, 1070);
}

Queue with_idle_workers() {
  Queue queue;
  for (std::uint32_t tid : {7u, 8u, 9u}) queue.sleeps(tid, 900);
  return queue;
}

TEST(Queue, WhatWasTakenWasPutThereByTheOnlyThreadThatWasAwake) {
  Queue queue = with_idle_workers();
  queue.ran(kOther, 910, 1005);
  hand_over(queue);
  queue.ran(kOther, 1045, 1100);
  EXPECT_EQ(queue.who_put(80, 0), kHandler);
  EXPECT_EQ(queue.who_put(90, 0), kHandler) << "who ran after it had been taken is out of the question";
  EXPECT_EQ(queue.who_put(91, 0), 0u);
  EXPECT_EQ(queue.who_put(80, 1020), 0u) << "for another request";
}

TEST(Queue, NothingIsSaidWhereAnotherThreadWasAwake) {
  Queue queue = with_idle_workers();
  hand_over(queue);
  queue.ran(kOther, 1025, 1100);
  EXPECT_EQ(queue.who_put(80, 0), 0u) << "before it had woken the next worker, 8 may have taken what that thread put there";
  EXPECT_EQ(queue.who_put(90, 0), 0u);
}

TEST(Queue, WhatIsTakenLaterWasPutThereLater) {
  Queue queue = with_idle_workers();
  queue.wakes(kOther, true, 8, 1010);
  queue.ran(kOther, 1000, 1015), queue.ran(kHandler, 1018, 1024);
  queue.wakes(8, false, 9, 1030), queue.wakes(9, false, 7, 1040);
  queue.sends(8, 80, 1050), queue.sends(9, 90, 1060), queue.sleeps(7, 1070);
  EXPECT_EQ(queue.who_put(90, 0), 0u);
  queue.found(80, kHandler);
  EXPECT_EQ(queue.who_put(90, 0), kHandler);
}

TEST(Queue, WhatIsTakenEarlierWasPutThereEarlier) {
  Queue queue = with_idle_workers();
  queue.wakes(kHandler, true, 8, 1010);
  queue.ran(kHandler, 1000, 1015), queue.ran(kOther, 1018, 1024);
  queue.wakes(8, false, 9, 1030), queue.wakes(9, false, 7, 1040);
  queue.sends(8, 80, 1050), queue.sends(9, 90, 1060), queue.sleeps(7, 1070);
  EXPECT_EQ(queue.who_put(80, 0), 0u);
  queue.found(90, kHandler);
  EXPECT_EQ(queue.who_put(80, 0), kHandler);
}

TEST(Queue, AWorkerThatIsAwakeMayTakeSomethingThatNobodySaw) {
  Queue queue = with_idle_workers();
  queue.wakes(kOther, true, 7, 950), queue.sends(7, 70, 960), queue.hears(7, 970);
  queue.ran(kOther, 940, 980);
  queue.wakes(kHandler, true, 8, 990), queue.sleeps(8, 995);  // it found nothing; that is no proof, 7 may have its lock
  hand_over(queue);
  EXPECT_EQ(queue.who_put(80, 0), 0u);
}

TEST(Queue, AWorkerThatPutsSomethingThereCastsDoubt) {
  Queue queue = with_idle_workers();
  queue.wakes(kHandler, true, 8, 950), queue.sends(8, 70, 960), queue.wakes(8, false, 9, 965), queue.sleeps(9, 968);
  hand_over(queue);
  EXPECT_EQ(queue.who_put(80, 0), 0u);
}

TEST(Queue, LostEventsCastDoubt) {
  Queue queue = with_idle_workers();
  hand_over(queue);
  EXPECT_EQ(queue.who_put(80, 0), kHandler);
  queue.doubt(1080);
  EXPECT_EQ(queue.who_put(80, 0), 0u);
}

TEST(Queue, AThreadThatIsNotKnownKeepsItFromBeingSeenEmpty) {
  Queue queue = with_idle_workers();
  queue.wakes(5, false, 7, 950), queue.sleeps(7, 960);
  queue.ran(kOther, 940, 970);
  hand_over(queue);
  EXPECT_EQ(queue.who_put(80, 0), 0u);
}

/// A handler puts calls into its pool's queue; worker 8, which it wakes, wakes 9. Of the last request only the queue tells who had it sent.
std::string serve_by_workers_that_wake_each_other(std::string_view executable) {
  Linking l;
  l.executes(executable);
  for (std::uint32_t worker : {7u, 8u, 9u}) l.hands(0, 1, worker), l.passes_on(worker, worker);
  for (ExchangeId i = 1; i <= Audit::kEnough + 1; ++i) {
    const ExchangeId request = 1000 + i, call = 2000 + i;
    const std::uint64_t since_ns = l.now_ns;
    l.reads(request, 1), l.hands(request, 1, 8), l.ran(request, 1, since_ns);
    l.passes_on(8, 9), l.passes_on(9, 7), l.passes_on(7, 7), l.passes_on(8, 8);
    l.sends(call, 0, 9), l.hears(call, 9);
    if (i <= Audit::kEnough) l.wakes(call, 1, request, 0x1000);
    l.passes_on(9, 9);
    l.seen();
    l.answers(request);
  }
  return l.seen();
}

TEST(Queue, WhoWasAwakeIsEvidenceOnlyWhereOneThreadRunsAtATime) {
  EXPECT_EQ(serve_by_workers_that_wake_each_other("/usr/bin/python3.11"), "2193 under 1193 by handover\n");
  EXPECT_EQ(serve_by_workers_that_wake_each_other("/usr/bin/python3.13t"), "2193 alone\n");
}

}  // namespace
}  // namespace suture

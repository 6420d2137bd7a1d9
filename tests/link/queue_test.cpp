// A pool, told as what one process did: requests are read, their threads put calls into the queue of workers 8 and 9 and wait for them.
#include "link/rules/queue.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "linking.h"

namespace suture {
namespace {

using test::Linking;

constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

/// Times are in ns, and small: any order can be told.
struct Pool {
  Queue queue;
  std::uint64_t read = 0;

  Pool() {
    for (std::uint32_t worker : {8u, 9u}) takes(worker, 10, 20, worker, 9999);
  }
  void reads(ExchangeId request, std::uint64_t at) { ++read, queue.begins(request, at); }
  /// Its thread is awake so long, and sleeps then until it is woken.
  void puts(ExchangeId request, std::uint64_t from, std::uint64_t to) { queue.sleeps(request, from, to, true); }
  void sends(std::uint32_t worker, std::uint64_t at, ExchangeId call, std::uint16_t port) {
    Outbound outbound;
    outbound.id = call;
    outbound.tid = worker;
    outbound.destination.port = port;
    outbound.horizon = read;
    queue.sends(outbound, at);
  }
  void takes(std::uint32_t worker, std::uint64_t free, std::uint64_t sent, ExchangeId call, std::uint16_t port) {
    queue.hears(worker, 0, free);
    sends(worker, sent, call, port);
  }
  /// The answer to the last of its calls wakes it; where `before` is set it is known of that one too.
  void ends(ExchangeId request, std::uint64_t at, ExchangeId last, ExchangeId before = 0) {
    queue.is_woken(request, at);
    if (before != 0) queue.found(before, request);
    queue.found(last, request);
    queue.answers(request, at + 1);
    queue.over(request);
  }
  /// Of calls that are not known; then of others, as far as that is not right.
  std::string says(std::uint64_t over_up_to = kAll) {
    std::string said;
    for (const Queue::Judged& judged : queue.judge(over_up_to)) {
      if (judged.known == 0) said += std::to_string(judged.call) + " of " + std::to_string(judged.request) + "\n";
      else ++(judged.known == judged.request ? right : wrong);
    }
    return said;
  }
  int right = 0, wrong = 0;
};

/// Requests 1 to 4 call ports 80 and 81 each, and of 2 and 3 the second call alone is known. `meanwhile` comes before 3 puts its calls there.
void serve(Pool& pool, void (*meanwhile)(Pool&) = [](Pool&) {}) {
  for (ExchangeId request : {1u, 2u, 3u, 4u}) pool.reads(request, 50);
  pool.puts(1, 100, 110), pool.takes(8, 111, 120, 10, 80), pool.takes(9, 121, 130, 11, 81), pool.ends(1, 140, 11, 10);
  pool.puts(2, 200, 210);
  meanwhile(pool);
  pool.puts(3, 220, 230);
  pool.takes(8, 241, 250, 20, 80), pool.takes(9, 251, 260, 21, 81), pool.takes(8, 261, 270, 30, 80), pool.takes(9, 271, 280, 31, 81);
  pool.ends(2, 300, 21), pool.ends(3, 310, 31);
  pool.puts(4, 400, 410), pool.takes(8, 411, 420, 40, 80), pool.takes(9, 421, 430, 41, 81), pool.ends(4, 440, 41, 40);
}

std::string serve_with(void (*meanwhile)(Pool&)) {
  Pool pool;
  serve(pool, meanwhile);
  return pool.says();
}

TEST(Queue, WhatIsTakenInTurnIsOfTheRequestsInTurn) {
  Pool pool;
  serve(pool);
  EXPECT_EQ(pool.says(), "20 of 2\n30 of 3\n");
  EXPECT_EQ(pool.right, 5) << "calls that are known are judged as if they were not; of the first one nothing earlier is known";
  EXPECT_EQ(pool.wrong, 0);
}

TEST(Queue, NothingIsSaidOfCallsBeforeWhichARequestWasReadThatIsNotOver) {
  Pool pool;
  serve(pool);
  EXPECT_EQ(pool.says(3), "");
}

TEST(Queue, KnownCallsThatCrossEachOtherAreNoBounds) {
  EXPECT_EQ(serve_with([](Pool& pool) { pool.reads(5, 60), pool.puts(5, 212, 215), pool.takes(9, 216, 218, 51, 82), pool.ends(5, 219, 51); }), "20 of 2\n30 of 3\n")
      << "51 was put there after 21, and seems to have been taken before it";
}

TEST(Queue, NothingIsSaidWhereTheNumbersDiffer) {
  EXPECT_EQ(serve_with([](Pool& pool) { pool.takes(7, 0, 212, 70, 80), pool.takes(7, 213, 215, 71, 80); }), "") << "a call for which nobody waited";
}

TEST(Queue, ACallIsNobodysThatWasSentBeforeAnyoneCanHavePutItThere) {
  EXPECT_EQ(serve_with([](Pool& pool) { pool.takes(8, 141, 150, 50, 80); }), "50 of 0\n");
}

TEST(Queue, WhoWasKeptFromRunningUntilItsCallWasAnsweredNeverWaitedForIt) {
  EXPECT_EQ(serve_with([](Pool& pool) {
              pool.reads(5, 60), pool.takes(8, 151, 160, 50, 80), pool.queue.hears(8, 50, 170);
              pool.queue.sleeps(5, 145, 180, false), pool.queue.answers(5, 190), pool.queue.over(5);
            }),
            "30 of 3\n");
  EXPECT_EQ(serve_with([](Pool& pool) {
              pool.reads(5, 60), pool.takes(8, 151, 160, 50, 80), pool.queue.sleeps(5, 145, 180, false);
              pool.queue.hears(8, 50, 185), pool.queue.answers(5, 190), pool.queue.over(5);
            }),
            "50 of 0\n")
      << "it would have waited";
}

TEST(Queue, NothingIsSaidWhereTheOrderIsNotKnown) {
  EXPECT_EQ(serve_with([](Pool& pool) { pool.puts(2, 211, 225); }), "") << "two threads were awake at once";
  EXPECT_EQ(serve_with([](Pool& pool) { pool.reads(5, 60), pool.puts(5, 212, 215), pool.queue.answers(5, 216), pool.queue.over(5); }), "20 of 2\n")
      << "what was put there later may be of one that has waited, nobody knows for what";
}

TEST(Queue, ACallIsNotOfWhoWentOnWithoutItsAnswer) {
  Pool pool;
  serve(pool, [](Pool& p) { p.puts(2, 211, 225); });
  pool.queue.hears(8, 30, 305);
  EXPECT_EQ(pool.says(), "30 of 3\n") << "2 had answered by then";
}

/// Requests 1 and 2 call port 80, and of 2 it is not known. Before it has sent that, worker 8 rests, at a word of its own or at 0x20, and is woken.
std::string call_after_a_rest(std::uint64_t rested, std::uint64_t woken, bool own_word) {
  Pool pool;
  pool.queue.wakes(8, own_word ? 0x40 : 0x20, 21), pool.queue.wakes(9, own_word ? 0x50 : 0x20, 22);
  pool.queue.wakes(8, own_word ? 0x40 : 0x20, 23), pool.queue.wakes(9, own_word ? 0x50 : 0x20, 24);
  pool.reads(1, 50), pool.reads(2, 50);
  pool.queue.hears(8, 0, 99);
  pool.puts(1, 100, 110), pool.takes(9, 111, 120, 10, 80), pool.takes(9, 121, 130, 11, 81), pool.ends(1, 140, 11, 10);
  pool.puts(2, woken - 20, woken - 10);
  pool.queue.rests(8, rested), pool.queue.wakes(8, own_word ? 0x40 : 0x20, woken);
  pool.sends(8, woken + 10, 20, 80);
  pool.queue.is_woken(2, woken + 100), pool.queue.answers(2, woken + 101), pool.queue.over(2);
  return pool.says();
}

TEST(Queue, AThreadThatSleepsAtAWordOfItsOwnMayHaveSleptAtALock) {
  const std::string judged = "20 of 2\n", nothing = "";
  EXPECT_EQ(call_after_a_rest(1000, 1000 + Queue::kShort, true), judged);
  EXPECT_EQ(call_after_a_rest(1000, 999 + Queue::kShort, true), nothing) << "it may have taken the call before it slept";
  EXPECT_EQ(call_after_a_rest(1000, 2000, false), judged) << "where others sleep too it is the queue";
}

/// A request with two calls. Its thread is woken by whichever is answered last: of even ones by the second.
void serve_by_pool(Linking& l, ExchangeId id) {
  const ExchangeId first = id * 10, second = first + 1, last = id % 2 ? first : second;
  l.reads(id, 1), l.waits(id, 1);
  l.sends_to(first, 80, 8), l.sends_to(second, 81, 9);
  l.hears(first, 8), l.hears(second, 9), l.wakes(last, 1, id, 0x1000 + 64 * id), l.answers(id);
}

void serve_enough_by_pool(Linking& l) {
  for (ExchangeId id = 100; id < 100 + Audit::kEnough + 40; ++id) serve_by_pool(l, id);
  l.seen();
}

TEST(Queue, WhatIsLikelyButNotProvenIsToldAsACandidate) {
  Linking l;
  for (ExchangeId id = 100; id < 100 + Audit::kEnough / 2; ++id) serve_by_pool(l, id);
  l.seen();
  serve_by_pool(l, 500);
  EXPECT_EQ(l.seen(), "5001 under 500 by completion\n5000 alone, perhaps under 500\n");
}

TEST(Queue, IsBelievedOnceManyKnownCallsHaveAgreed) {
  Linking l;
  serve_enough_by_pool(l);
  serve_by_pool(l, 500);
  EXPECT_EQ(l.seen(), "5001 under 500 by completion\n5000 under 500 by handover\n");
  EXPECT_GT(l.last.confidence, 0.98);
  EXPECT_LT(l.last.confidence, 1.0);
}

TEST(Queue, ACallThatNoRequestCanHaveMadeTakesAllTrust) {
  Linking l;
  serve_enough_by_pool(l);
  l.reads(499, 2), l.sends_to(4000, 80, 8), l.hears(4000, 8), l.answers(499);
  serve_by_pool(l, 500);
  EXPECT_EQ(l.seen(), "4000 alone\n5001 under 500 by completion\n5000 alone\n");
}

/// Request 500 is over, and 499, which had been read before it, is not.
void serve_beside_an_open_one(Linking& l) {
  serve_enough_by_pool(l);
  l.reads(499, 2);
  l.released.clear();
  serve_by_pool(l, 500);
  EXPECT_EQ(l.seen(), "5001 under 500 by completion\n");
}

TEST(Queue, ARequestThatIsOverCanBecomeAParentUntilOthersAreOverToo) {
  Linking l;
  serve_beside_an_open_one(l);
  EXPECT_TRUE(l.released.empty());
  l.answers(499);
  EXPECT_EQ(l.seen(), "5000 under 500 by handover\n");
  EXPECT_EQ(l.released, std::vector<ExchangeId>{500});
}

TEST(Queue, NothingIsBelievedOfWhatWasSentBeforeEventsWereLost) {
  Linking l;
  serve_beside_an_open_one(l);
  l.loses();
  l.answers(499);
  EXPECT_EQ(l.seen(), "5000 alone\n");
  EXPECT_EQ(l.released, std::vector<ExchangeId>{500});
}

}  // namespace
}  // namespace suture

// Which request caused which, told as what one process did. See linking.h for the language.
#include "link/linker.h"

#include <gtest/gtest.h>

#include "linking.h"
#include "wire/trace.h"

namespace suture {
namespace {

using test::Linking;

TEST(Linker, AThreadThatWaitsForOneRequestSendsForThatOne) {
  Linking l;
  l.reads(1, 7), l.reads(2, 8);
  l.sends(102, 2, 8), l.sends(101, 1, 7), l.sends(103, 1, 7);
  EXPECT_EQ(l.seen(), "102 under 2 by thread\n101 under 1 by thread\n103 under 1 by thread\n");
}

TEST(Linker, TellsTheKernelWhatIsExact) {
  const auto told = [](Linking& l) { return l.linker.exact_at_send(Linking::kProcess); };
  Linking threads;
  EXPECT_EQ(told(threads), 0u);  // nothing is known of it
  threads.reads(1, 7), threads.reads(2, 8);
  EXPECT_EQ(told(threads), TRACE_BY_THREAD);
  threads.reads(3, 8);  // one thread, two requests: a loop
  EXPECT_EQ(told(threads), 0u);

  Linking nginx;
  nginx.executes("/usr/sbin/nginx");
  nginx.reads(1);
  EXPECT_EQ(told(nginx), TRACE_BY_LAST_READ);

  Linking go;
  go.reads(1);
  go.sends_as(101, RUNTIME_GO, {5});
  EXPECT_EQ(told(go), TRACE_BY_GOROUTINE);

  Linking pool;  // a thread takes the request, another one answers it
  for (ExchangeId id = 1; id <= 30; ++id) pool.reads(id, 7), pool.sends(100 + id, id, 7), pool.answers_by(8, id, DATA_CONTEXT_OTHER);
  EXPECT_EQ(told(pool), 0u);
}

TEST(Linker, TellsTheKernelOfALoopWhatHasAlwaysBeenRightUnderThisLoad) {
  Linking loop;
  loop.nonblocking = true;
  const auto round = [&](ExchangeId id, std::uint16_t flags) {
    loop.reads(2 * id), loop.reads(2 * id + 1);
    loop.sends(10'000 + id, 2 * id + 1);
    loop.answers(2 * id + 1, flags), loop.answers(2 * id, flags);
  };
  for (ExchangeId id = 1; id <= 400; ++id) round(id, DATA_CONTEXT_SAME);
  loop.reads(5000);
  EXPECT_EQ(loop.linker.exact_at_send(Linking::kProcess), TRACE_BY_LAST_READ);
  loop.answers(5000);
  round(3000, DATA_CONTEXT_OTHER);
  loop.reads(5001);
  EXPECT_EQ(loop.linker.exact_at_send(Linking::kProcess), 0u);
}

TEST(Linker, WhatIsSentWhileNothingIsHandledIsARootAtOnce) {
  Linking l;
  l.sends(101, 0);
  EXPECT_EQ(l.seen(), "101 alone\n");
  EXPECT_EQ(l.linker.counters().background.get(), 1u);
}

TEST(Linker, AContextWhoseRequestIsAnsweredIsNone) {
  Linking l;
  l.reads(1, 7), l.answers(1), l.reads(2, 8);
  l.sends(101, 1, 7);
  EXPECT_EQ(l.seen(), "");
  l.answers(2);
  EXPECT_EQ(l.seen(), "101 alone\n");
  EXPECT_EQ(l.linker.counters().no_evidence.get(), 1u);
}

TEST(Linker, DecidesWhenNoRequestThatMightBeTheCauseIsOpen) {
  Linking l;
  l.reads(1, 7), l.reads(2, 8);
  l.sends(101, 0, 9);
  l.answers(2);
  l.reads(3, 8);  // came after the request was sent: cannot be its cause
  EXPECT_EQ(l.seen(), "");
  l.answers(1);
  EXPECT_EQ(l.seen(), "101 alone\n");
}

TEST(Linker, ALinkSaysThatNothingHasConfirmedItYet) {
  Linking l;
  l.reads(1), l.sends(101, 1), l.answers(1);
  EXPECT_FALSE(l.last.audited);
  for (ExchangeId i = 2; i <= Audit::kDisqualify + 1; ++i) l.reads(i), l.sends(100 + i, i), l.answers(i);
  EXPECT_TRUE(l.last.audited);
}

// Event loops: one thread, several requests at once.

TEST(Linker, ALoopsContextIsOnlyAGuessUntilTheAuditVouchesForIt) {
  Linking l;
  l.nonblocking = true;
  for (ExchangeId i = 1; i <= Audit::kEnough; ++i) l.reads(i), l.sends(1000 + i, i), l.answers(i);
  EXPECT_EQ(l.seen().find("by"), std::string::npos);
  EXPECT_EQ(l.linker.counters().not_trusted.get(), Audit::kEnough);
  l.reads(900), l.sends(1900, 900);
  EXPECT_EQ(l.seen(), "1900 under 900 by policy\n");
  EXPECT_LT(l.last.confidence, 0.99);
}

TEST(Linker, ALoopThatIsKnownToReadBeforeItSendsIsTrustedUntilItAnswersOutOfTurn) {
  Linking l;
  l.executes("/usr/sbin/nginx");
  l.nonblocking = true;
  for (ExchangeId i = 1; i <= Audit::kDisqualify; ++i) l.reads(i), l.sends(1000 + i, i), l.answers(i, DATA_CONTEXT_OTHER);
  EXPECT_NE(l.seen().find("1001 under 1 by thread\n"), std::string::npos);
  l.reads(900), l.sends(1900, 900), l.answers(900);
  EXPECT_EQ(l.seen(), "1900 alone\n");
}

TEST(Linker, ALoopThatAnswersOutOfTurnIsNotTrusted) {
  Linking l;
  l.nonblocking = true;
  for (ExchangeId i = 1; i <= 2 * Audit::kEnough; ++i)
    l.reads(i), l.sends(1000 + i, i), l.answers(i, i % 4 ? DATA_CONTEXT_SAME : DATA_CONTEXT_OTHER);
  l.seen();
  l.reads(900), l.sends(1900, 900), l.answers(900);
  EXPECT_EQ(l.seen(), "1900 alone\n");
}

TEST(Linker, AThreadThatTookASecondRequestBeforeTheFirstWasAnsweredIsALoop) {
  Linking l;  // a handler that returned: another thread will answer
  l.reads(1, 7), l.reads(2, 7);
  l.sends(101, 2, 7);
  l.answers(1, 0), l.answers(2);
  EXPECT_EQ(l.seen(), "101 alone\n");
}

TEST(Linker, AThreadWhoseRequestsOthersAnswerLosesTrust) {
  Linking l;  // it hands its requests over, and works for anybody then
  for (ExchangeId i = 1; i <= Audit::kDisqualify; ++i) l.reads(i), l.sends(1000 + i, i), l.answers(i, 0);
  l.seen();
  l.reads(900), l.sends(1900, 900), l.answers(900, 0);
  EXPECT_EQ(l.seen(), "1900 alone\n");
}

TEST(Linker, AnswersThatNothingWasSentForSayNothing) {
  Linking l;
  l.nonblocking = true;
  for (ExchangeId i = 1; i <= 2 * Audit::kEnough; ++i) l.reads(i), l.answers(i);
  l.reads(900), l.sends(1900, 900), l.answers(900);
  EXPECT_EQ(l.seen(), "1900 alone\n");
}

TEST(Linker, AnswersForWhichStartedThreadsHaveSentSayAsMuchAsThoseForWhichTheirOwnHas) {
  Linking l;
  l.nonblocking = true;
  for (ExchangeId i = 1; i <= Audit::kEnough; ++i) l.reads(i), l.sends_started(1000 + i, i, 7), l.answers(i);
  l.seen();
  l.reads(900), l.sends(1900, 900);
  EXPECT_EQ(l.seen(), "1900 under 900 by policy\n");
}

TEST(Linker, AGuessThatIsSeldomWrongIsToldAsOne) {
  Linking l;
  l.nonblocking = true;
  for (ExchangeId i = 1; i <= Audit::kEnough; ++i) l.reads(i), l.sends(1000 + i, i), l.answers(i, i % 20 ? DATA_CONTEXT_SAME : DATA_CONTEXT_OTHER);
  l.seen();
  l.reads(900), l.sends(1900, 900), l.answers(900);
  EXPECT_EQ(l.seen(), "1900 alone, perhaps under 900\n");
}

TEST(Linker, AnotherProgramInTheProcessStartsFromNothing) {
  Linking l;
  l.nonblocking = true;
  for (ExchangeId i = 1; i <= Audit::kEnough; ++i) l.reads(i), l.sends(1000 + i, i), l.answers(i);
  l.reads(800), l.sends(1800, 0);
  l.seen();
  l.linker.on_process_over(Linking::kProcess);
  EXPECT_EQ(l.seen(), "1800 alone\n");
  l.reads(900), l.sends(1900, 900), l.answers(900);
  EXPECT_EQ(l.seen(), "1900 alone\n");
}

// Runtimes whose waiting requests are found.

TEST(Linker, WhatWaitsIsFoundByItsName) {
  Linking l;
  l.nonblocking = true;
  l.reads(1), l.witness(WITNESS_REQUEST_READ, 1, RUNTIME_GO, {71});
  l.reads(2), l.witness(WITNESS_REQUEST_READ, 2, RUNTIME_GO, {72});
  l.sends_as(101, RUNTIME_GO, {71, 5});   // the handler itself waits
  l.sends_as(102, RUNTIME_GO, {99, 72});  // one that the handler began
  EXPECT_EQ(l.seen(), "101 under 1 by waiter\n102 under 2 by waiter\n");
}

TEST(Linker, WhatRunsARequestIsNotKnownAnyMoreWhenEventsWereLost) {
  Linking l;  // it may be answered, and its goroutine run the next, without anything that told of either
  l.reads(1, 1), l.witness(WITNESS_REQUEST_READ, 1, RUNTIME_GO, {71});
  l.loses();
  l.sends_as(101, RUNTIME_GO, {71});
  l.reads(2, 2), l.witness(WITNESS_REQUEST_READ, 2, RUNTIME_GO, {72}), l.sends_as(102, RUNTIME_GO, {72});
  l.answers(1), l.answers(2);
  EXPECT_EQ(l.seen(), "102 under 2 by waiter\n101 alone\n");
}

TEST(Linker, ANameThatIsKnownOnlyWhenTheResponseIsWrittenLinksBackwards) {
  Linking l;
  l.nonblocking = true;
  l.reads(1), l.reads(2);
  l.sends_as(101, RUNTIME_CPYTHON, {71}), l.sends_as(102, RUNTIME_CPYTHON, {72});
  EXPECT_EQ(l.seen(), "");
  l.witness(WITNESS_RESPONSE_SENT, 2, RUNTIME_CPYTHON, {72}), l.answers(2);
  l.witness(WITNESS_RESPONSE_SENT, 1, RUNTIME_CPYTHON, {71}), l.answers(1);
  EXPECT_EQ(l.seen(), "102 under 2 by waiter\n101 under 1 by waiter\n");
}

TEST(Linker, WhatATaskWillAwaitNextWaitsForItToo) {
  Linking l;
  l.nonblocking = true;
  l.reads(1), l.witness(WITNESS_REQUEST_READ, 1, RUNTIME_TOKIO, {71});
  l.reads(2), l.witness(WITNESS_REQUEST_READ, 2, RUNTIME_TOKIO, {72});
  l.sends_as(101, RUNTIME_TOKIO, {}), l.sends_as(102, RUNTIME_TOKIO, {}), l.sends_as(103, RUNTIME_TOKIO, {});
  l.witness(WITNESS_RESPONSE_READ, 102, RUNTIME_TOKIO, {82});  // task 82 awaits it, and nobody awaits that yet
  EXPECT_EQ(l.seen(), "");
  l.witness(WITNESS_RESPONSE_READ, 101, RUNTIME_TOKIO, {71, 82, 83});
  EXPECT_EQ(l.seen(), "102 under 1 by waiter\n101 under 1 by waiter\n");
  l.witness(WITNESS_RESPONSE_READ, 103, RUNTIME_TOKIO, {83});
  EXPECT_EQ(l.seen(), "103 under 1 by waiter\n");
  l.sends_as(104, RUNTIME_TOKIO, {}), l.witness(WITNESS_RESPONSE_READ, 104, RUNTIME_TOKIO, {84});
  l.witness(WITNESS_RESPONSE_READ, 104, RUNTIME_TOKIO, {79, 84});  // what 79 does is not known
  EXPECT_EQ(l.seen(), "");
}

TEST(Linker, ANameOfTwoRequestsNamesNeither) {
  Linking l;  // a walk that went astray finds the same thing everywhere
  l.nonblocking = true;
  l.reads(1), l.witness(WITNESS_REQUEST_READ, 1, RUNTIME_GO, {71});
  l.reads(2), l.witness(WITNESS_REQUEST_READ, 2, RUNTIME_GO, {71});
  l.sends_as(101, RUNTIME_GO, {71});
  l.answers(1), l.answers(2);
  EXPECT_EQ(l.seen(), "101 alone\n");
}

TEST(Linker, WhereWorkMovesBetweenThreadsTheirContextsSayNothing) {
  Linking l;
  l.reads(1);
  l.sends_as(101, RUNTIME_GO, {}, 1);
  l.sends_as(102, RUNTIME_CPYTHON, {55}, 1);
  l.sends_as(103, RUNTIME_CPYTHON, {}, 1);  // a plain thread: nothing waits there but itself
  EXPECT_EQ(l.seen(), "103 under 1 by thread\n");
}

}  // namespace
}  // namespace suture

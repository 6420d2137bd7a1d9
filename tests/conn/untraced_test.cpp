// Who is told of, because none of its connections speaks HTTP.
#include "conn/untraced.h"

#include <gtest/gtest.h>

#include "sample.h"

namespace suture {
namespace {

using test::kShop;

constexpr std::uint64_t kStart = 1'000'000'000, kDue = kStart + Untraced::kPatienceNs;

class UntracedTest : public ::testing::Test {
 protected:
  void see(connection_verdict verdict, std::uint64_t connection, connection_what what = CONNECTION_CLOSED) {
    event_connection event{};
    event.header.time_ns = kStart;
    event.connection = connection;
    event.tgid = kShop.tgid;
    event.process_start_ns = kShop.start_ns;
    event.what = static_cast<std::uint8_t>(what);
    event.verdict = static_cast<std::uint8_t>(verdict);
    untraced.on_connection(event);
  }

  Untraced untraced;
};

TEST_F(UntracedTest, IsToldOnceWhenItsPatienceIsOver) {
  see(VERDICT_TLS, 1, CONNECTION_PROGRESS);
  see(VERDICT_TLS, 1, CONNECTION_CLOSED);
  see(VERDICT_TLS, 2);
  EXPECT_TRUE(untraced.take_due(kDue - 1).empty());
  const auto due = untraced.take_due(kDue);
  ASSERT_EQ(due.size(), 1u);
  EXPECT_EQ(due[0].process, kShop);
  EXPECT_EQ(due[0].verdict, VERDICT_TLS);
  EXPECT_EQ(due[0].connections, 2u);
  see(VERDICT_TLS, 3);
  EXPECT_TRUE(untraced.take_due(2 * kDue).empty());
}

TEST_F(UntracedTest, OneThatSpeaksHttpTooIsNotToldOf) {
  see(VERDICT_TLS, 1);
  see(VERDICT_HTTP, 2, CONNECTION_OPEN);
  see(VERDICT_TLS, 3);
  EXPECT_TRUE(untraced.take_due(kDue).empty());
}

TEST_F(UntracedTest, ConnectionsThatWereNotJudgedSayNothing) {
  see(VERDICT_UNKNOWN, 1);
  EXPECT_TRUE(untraced.take_due(kDue).empty());
}

TEST_F(UntracedTest, SeveralProtocolsAreOther) {
  see(VERDICT_TLS, 1);
  see(VERDICT_HTTP2, 2);
  ASSERT_EQ(untraced.take_due(kDue).at(0).verdict, VERDICT_OTHER);
}

}  // namespace
}  // namespace suture

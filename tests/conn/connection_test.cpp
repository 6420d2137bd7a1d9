// The names of a connection, and how its two ends number the same bytes.
#include "conn/connection.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "sample.h"

namespace suture {
namespace {

using test::kGiB;

event_connection opened(std::uint32_t isn_own, std::uint32_t isn_peer) {
  event_connection event{};
  event.what = CONNECTION_OPEN;
  event.connection = 9;
  event.isn_own = isn_own;
  event.isn_peer = isn_peer;
  event.have_isn = 1;
  return event;
}

TEST(Connection, GivesAByteTheSamePositionAtBothEnds) {
  Connection client(opened(0xfffffff0u, 500)), server(opened(500, 0xfffffff0u));
  const std::uint32_t request = 0xfffffff1u + 100;  // wraps
  EXPECT_EQ(client.position(DIRECTION_SEND, request), 100u);
  EXPECT_EQ(server.position(DIRECTION_RECEIVE, request), 100u);
  EXPECT_EQ(client.position(DIRECTION_RECEIVE, 501 + 30), 30u);
  EXPECT_EQ(server.position(DIRECTION_SEND, 501 + 30), 30u);
}

TEST(Connection, AttachedLateIsNumberedFromTheHandshakeAllTheSame) {
  event_connection late = opened(1000, 2000);
  late.sent_bytes = 9 * kGiB;
  late.received_bytes = 5 * kGiB + 7;
  Connection connection(late);
  EXPECT_EQ(connection.position(DIRECTION_SEND, 1001 + static_cast<std::uint32_t>(9 * kGiB)), 9 * kGiB);
  EXPECT_EQ(connection.position(DIRECTION_RECEIVE, 2001 + static_cast<std::uint32_t>(5 * kGiB)), 5 * kGiB);
}

TEST(Connection, FollowsABodyOfSeveralGiBThatNoEventTellsOf) {
  event_connection progress = opened(1000, 2000);
  progress.sent_bytes = 5 * kGiB;
  Connection connection(progress);
  EXPECT_EQ(connection.position(DIRECTION_SEND, 1001 + static_cast<std::uint32_t>(5 * kGiB)), 5 * kGiB);
  progress.sent_bytes = 8 * kGiB;
  connection.update(progress);
  EXPECT_EQ(connection.position(DIRECTION_SEND, 1001 + static_cast<std::uint32_t>(8 * kGiB)), 8 * kGiB);
}

TEST(Connection, WithoutTheHandshakesNumbersCountsFromTheFirstEvent) {
  event_connection unnamed{};
  unnamed.end_seq[DIRECTION_SEND] = 700;
  unnamed.sent_bytes = 40;  // of another count
  Connection connection(unnamed);
  EXPECT_FALSE(connection.name().known);
  EXPECT_EQ(connection.position(DIRECTION_SEND, 700), 0u);
  unnamed.sent_bytes = 3 * kGiB;
  connection.update(unnamed);
  EXPECT_EQ(connection.position(DIRECTION_SEND, 800), 100u);
}

TEST(Connection, KeepsTheFactsOfTheLastEvent) {
  Connection connection(opened(1, 2));
  event_connection later = opened(1, 2);
  later.peer_closed = 1;
  connection.update(later);
  EXPECT_EQ(connection.id(), 9u);
  EXPECT_EQ(connection.facts().peer_closed, 1);
  EXPECT_EQ(connection.name().isn_own, 1u);
  EXPECT_EQ(connection.name().isn_peer, 2u);
}

TEST(Connection, KnowsAPeerThatNeverLeavesTheHost) {
  struct Case {
    std::uint8_t family;
    std::vector<std::uint8_t> address;
    bool loopback;
  };
  const Case cases[] = {
      {2, {127, 0, 0, 1}, true},
      {2, {127, 255, 3, 4}, true},
      {2, {10, 127, 0, 1}, false},
      {10, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, true},
      {10, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}, true},
      {10, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1}, false},
      {10, {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, false},
      {10, {127, 0, 0, 1}, false},
      {1, {0}, true},  // a Unix socket
  };
  for (const Case& c : cases) {
    event_connection facts{};
    facts.family = c.family;
    std::memcpy(facts.remote_address, c.address.data(), c.address.size());
    EXPECT_EQ(has_loopback_peer(facts), c.loopback)
        << int{c.family} << " " << int{c.address[0]} << "." << int{c.address[1]};
  }
}

}  // namespace
}  // namespace suture

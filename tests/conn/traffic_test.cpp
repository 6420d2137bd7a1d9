// What is known of connections from socket state alone: shares by process, and edges.
#include "conn/traffic.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "sample.h"

namespace suture {
namespace {

using test::kShop;

event_connection event(connection_what what, connection_verdict verdict, ProcessKey process = kShop) {
  event_connection event{};
  event.tgid = process.tgid;
  event.process_start_ns = process.start_ns;
  event.role = ROLE_CLIENT;
  event.opened_ns = 1000;
  event.established_ns = 1500;
  event.what = static_cast<std::uint8_t>(what);
  event.verdict = static_cast<std::uint8_t>(verdict);
  return event;
}

/// Whether the event made an edge.
bool edge_of(Traffic& traffic, const event_connection& event) {
  Edge edge;
  return traffic.on_connection(event, edge);
}

TEST(Traffic, CountsEveryConnectionOnceByItsVerdict) {
  Traffic traffic;
  for (const connection_what what : {CONNECTION_OPEN, CONNECTION_PROGRESS, CONNECTION_CLOSING, CONNECTION_CLOSED})
    edge_of(traffic, event(what, VERDICT_HTTP));
  for (const connection_what what : {CONNECTION_PROGRESS, CONNECTION_PROGRESS, CONNECTION_CLOSED})
    edge_of(traffic, event(what, VERDICT_TLS));
  const Traffic::Share& share = traffic.shares().at(kShop);
  EXPECT_EQ(share.connections[VERDICT_HTTP], 1u);
  EXPECT_EQ(share.connections[VERDICT_TLS], 1u);
}

TEST(Traffic, CountsAnUpgradedConnectionAsThatAlone) {
  Traffic traffic;
  edge_of(traffic, event(CONNECTION_OPEN, VERDICT_HTTP));
  edge_of(traffic, event(CONNECTION_PROGRESS, VERDICT_UPGRADED));
  edge_of(traffic, event(CONNECTION_CLOSED, VERDICT_UPGRADED));
  EXPECT_EQ(traffic.shares().at(kShop).connections[VERDICT_HTTP], 0u);
  EXPECT_EQ(traffic.shares().at(kShop).connections[VERDICT_UPGRADED], 1u);
}

TEST(Traffic, KeepsProcessesOfTheSameNumberApart) {
  Traffic traffic;
  edge_of(traffic, event(CONNECTION_CLOSED, VERDICT_TLS, {42, 7}));
  edge_of(traffic, event(CONNECTION_CLOSED, VERDICT_TLS, {42, 8}));
  EXPECT_EQ(traffic.shares().size(), 2u);
}

TEST(Traffic, AddsUpRetransmitsAtTheEnd) {
  Traffic traffic;
  for (const connection_verdict verdict : {VERDICT_HTTP, VERDICT_TLS}) {
    event_connection e = event(CONNECTION_OPEN, verdict);
    e.retransmits = 1;
    edge_of(traffic, e);
    e.what = CONNECTION_CLOSED;
    e.retransmits = 5;  // a total
    edge_of(traffic, e);
  }
  EXPECT_EQ(traffic.shares().at(kShop).retransmits, 10u);
}

TEST(Traffic, KnowsAFailedConnect) {
  event_connection e = event(CONNECTION_CLOSED, VERDICT_UNKNOWN);
  e.established_ns = 0;
  e.error = ECONNREFUSED;
  Traffic traffic;
  Edge edge;
  ASSERT_TRUE(traffic.on_connection(e, edge));
  EXPECT_TRUE(edge.connect_failed());
  EXPECT_EQ(edge.connect_ns(), 0u);
  EXPECT_EQ(traffic.shares().at(kShop).failed_connects, 1u);

  e.role = ROLE_SERVER;  // nobody's connect
  ASSERT_TRUE(traffic.on_connection(e, edge));
  EXPECT_FALSE(edge.connect_failed());
  EXPECT_EQ(traffic.shares().at(kShop).failed_connects, 1u);
}

TEST(Traffic, MakesEdgesOfWhatIsNotHttpInItsCourseAndAtItsEnd) {
  struct Case {
    connection_what what;
    connection_verdict verdict;
    bool edge, ended;
  };
  const Case cases[] = {
      {CONNECTION_OPEN, VERDICT_HTTP, false, false},        {CONNECTION_PROGRESS, VERDICT_HTTP, false, false},
      {CONNECTION_CLOSED, VERDICT_HTTP, false, false},      {CONNECTION_PROGRESS, VERDICT_OTHER, true, false},
      {CONNECTION_CLOSED, VERDICT_OTHER, true, true},       {CONNECTION_CLOSED, VERDICT_UNKNOWN, true, true},
      {CONNECTION_PROGRESS, VERDICT_UPGRADED, true, false}, {CONNECTION_CLOSING, VERDICT_TLS, false, false},
  };
  for (const Case& c : cases) {
    Traffic traffic;
    Edge edge;
    const bool made = traffic.on_connection(event(c.what, c.verdict), edge);
    EXPECT_EQ(made, c.edge) << c.what << " " << c.verdict;
    if (!made) continue;
    EXPECT_EQ(edge.ended, c.ended) << c.what << " " << c.verdict;
    EXPECT_EQ(edge.connect_ns(), 500u);
    EXPECT_FALSE(edge.connect_failed());
  }
}

TEST(Traffic, AddsProcessesBeyondItsRoomToNobody) {
  Traffic traffic;
  for (std::uint32_t pid = 1; pid <= Traffic::kMaxProcesses + 10; ++pid)
    edge_of(traffic, event(CONNECTION_CLOSED, VERDICT_TLS, {pid, 1}));
  EXPECT_LE(traffic.shares().size(), Traffic::kMaxProcesses + 1);
  EXPECT_EQ(traffic.shares().at(ProcessKey{}).connections[VERDICT_TLS], 10u);
  edge_of(traffic, event(CONNECTION_CLOSED, VERDICT_TLS, {1, 1}));
  EXPECT_EQ(traffic.shares().at(ProcessKey{1, 1}).connections[VERDICT_TLS], 2u);
}

}  // namespace
}  // namespace suture

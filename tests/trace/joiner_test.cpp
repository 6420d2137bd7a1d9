// From exchanges to spans: which trace, which parent, and when. See joining.h for the language.
#include "trace/joiner.h"

#include <gtest/gtest.h>

#include <optional>

#include "joining.h"

namespace suture {
namespace {

using test::Joining;
using test::kMs;
using test::kTraceparent;

const std::string kTraceOfHeader = "4bf92f3577b34da6a3ce929d0e0e4736";

TEST(Joiner, MakesTheServerTheChildOfTheClientAtTheOtherEnd) {
  Joining j;
  auto client = j.client("GET /a");
  auto server = j.server("GET /a");
  server.end();
  client.end();
  EXPECT_EQ(j.seen(), "server GET /a under client GET /a\nclient GET /a root\n");
  EXPECT_EQ(j.joiner.counters().joined.get(), 1u);
  EXPECT_EQ(j.joiner.counters().unjoined_local.get(), 0u);
}

TEST(Joiner, JoinsWhicheverEndTheRingShowsFirst) {
  // S, C: the server's and the client's begin; s, c: their ends.
  for (const std::string_view order : {"SCsc", "SsCc", "CScs", "CcSs"}) {
    Joining j;
    std::optional<Joining::Half> client, server;
    for (const char step : order) {
      if (step == 'C') client.emplace(j.client("GET /a"));
      if (step == 'S') server.emplace(j.server("GET /a"));
      if (step == 'c') client->end();
      if (step == 's') server->end();
      j.now_ns += kMs;
    }
    j.wait(100 * kMs);
    j.seen();
    ASSERT_EQ(j.spans.size(), 2u) << order;
    const Span& s = j.spans[j.spans[0].kind == SpanKind::Server ? 0 : 1];
    EXPECT_EQ(test::parent_of(s, j.spans), "under client GET /a") << order;
    EXPECT_EQ(j.joiner.counters().joined.get(), 1u) << order;
  }
}

TEST(Joiner, KeepsTheRequestsOfOneConnectionApartByTheirPosition) {
  Joining j;
  auto a = j.client("GET /a", "", 0), b = j.client("GET /b", "", 50);
  auto at_b = j.server("GET /b", "", 50), at_a = j.server("GET /a", "", 0);
  at_b.end(), at_a.end(), a.end(), b.end();
  EXPECT_EQ(
      j.seen(),
      "server GET /b under client GET /b\nserver GET /a under client GET /a\nclient GET /a root\nclient GET /b root\n");
}

TEST(Joiner, HonoursAHeaderFromElsewhereAtOnceItIsSureThatNoClientIsHere) {
  Joining j;
  j.server("GET /a", kTraceparent).end();
  EXPECT_EQ(j.seen(), "");
  j.wait(99 * kMs);
  EXPECT_EQ(j.seen(), "");
  EXPECT_EQ(j.joiner.held(), 1u);
  j.wait(kMs);
  EXPECT_EQ(j.seen(), "server GET /a under remote\n");
  EXPECT_EQ(to_hex(j.spans[0].trace_id), kTraceOfHeader);
  EXPECT_EQ(to_hex(j.spans[0].parent_id), "00f067aa0ba902b7");
  EXPECT_EQ(j.joiner.counters().unjoined_local.get(), 1u);
}

TEST(Joiner, PutsTheClientBetweenTheHeadersParentAndTheServer) {
  Joining j;
  const std::string fields = std::string(kTraceparent) + "tracestate: a=1\r\n";
  auto client = j.client("GET /a", fields);
  auto server = j.server("GET /a", fields);
  server.end();
  client.end();
  EXPECT_EQ(j.seen(), "server GET /a under client GET /a\nclient GET /a under remote\n");
  for (const Span& span : j.spans) {
    EXPECT_EQ(to_hex(span.trace_id), kTraceOfHeader);
    EXPECT_EQ(span.trace_state, "a=1");
  }
}

TEST(Joiner, AConflictingContextBecomesALink) {
  Joining j;
  j.joiner.set_context({.propagators = {Propagator::TraceContext, Propagator::B3}});
  j.server("GET /a", std::string(kTraceparent) + "b3: 463ac35c9f6413ad48485a3953bb6124-a2fb4a1d1a96d312-0\r\n").end();
  j.wait(200 * kMs);
  ASSERT_EQ(j.spans.size(), 1u);
  EXPECT_EQ(to_hex(j.spans[0].trace_id), "4bf92f3577b34da6a3ce929d0e0e4736");
  ASSERT_EQ(j.spans[0].links.size(), 1u);
  EXPECT_EQ(to_hex(j.spans[0].links[0].trace_id), "463ac35c9f6413ad48485a3953bb6124");
  EXPECT_EQ(to_hex(j.spans[0].links[0].span_id), "a2fb4a1d1a96d312");
  EXPECT_EQ(j.spans[0].links[0].method, "header");
}

TEST(Joiner, CopiesBaggageOnlyWhereAsked) {
  for (const bool asked : {false, true}) {
    Joining j;
    if (asked) j.joiner.set_context({.baggage = {"tenant"}});
    j.server("GET /a", "baggage: tenant=acme,secret=1\r\n").end();
    j.wait(200 * kMs);
    const auto* baggage = j.spans.at(0).attributes.find(AttributeKey::SutureBaggage);
    ASSERT_EQ(baggage != nullptr, asked);
    if (!asked) continue;
    EXPECT_EQ(j.spans[0].attributes.text(*baggage), "tenant=acme");
  }
}

TEST(Joiner, ARootIsNobodysChild) {
  Joining j;
  j.server_place.loopback_peer = false;
  j.server("GET /a").end();
  j.wait(100 * kMs);
  EXPECT_EQ(j.seen(), "server GET /a root\n");
  EXPECT_TRUE(j.spans[0].trace_id.valid());
  EXPECT_EQ(j.spans[0].attributes.find(AttributeKey::SutureLinkMethod), nullptr);
  EXPECT_EQ(j.joiner.counters().unjoined_local.get(), 0u);
}

TEST(Joiner, AnExcludedClientIsNobodysParent) {
  for (const bool header : {false, true}) {
    Joining j;
    const std::string_view fields = header ? kTraceparent : "";
    auto client = j.client("GET /a", fields, 0, Wanted::No);
    auto server = j.server("GET /a", fields);
    client.end();
    server.end();
    j.wait(100 * kMs);
    EXPECT_EQ(j.seen(), header ? "server GET /a under remote\n" : "server GET /a root\n");
    EXPECT_EQ(j.joiner.counters().dropped_excluded.get(), 1u);
  }
}

TEST(Joiner, AnExcludedServerLeavesTheClientAlone) {
  Joining j;
  auto client = j.client("GET /a");
  auto server = j.server("GET /a", "", 0, Wanted::No);
  server.end();
  client.end();
  EXPECT_EQ(j.seen(), "client GET /a root\n");
}

TEST(Joiner, CountsProbesAndTelemetryAndExportsNeither) {
  Joining j;
  j.client("GET /healthz").end();
  j.server("GET /healthz").end();
  j.client("POST /v1/traces").end();
  j.server("POST /v1/metrics").end();
  j.joiner.flush();
  EXPECT_EQ(j.seen(), "");
  EXPECT_EQ(j.joiner.counters().made.get(), 4u);
  EXPECT_EQ(j.joiner.counters().dropped_probe.get(), 2u);
  EXPECT_EQ(j.joiner.counters().dropped_intake.get(), 2u);
}

TEST(Joiner, WithoutHandshakeNumbersEndsAreLeftApart) {
  Joining j;
  j.client_place.have_isn = j.server_place.have_isn = false;
  auto client = j.client("GET /a");
  auto server = j.server("GET /a");
  client.end();
  server.end();
  j.wait(100 * kMs);
  EXPECT_EQ(j.seen(), "client GET /a root\nserver GET /a root\n");
  EXPECT_NE(j.spans[0].span_id, j.spans[1].span_id);
  EXPECT_NE(j.spans[0].trace_id, j.spans[1].trace_id);
}

TEST(Joiner, HoldsNoMoreBytesThanItMay) {
  Joining j;
  Joiner::Limits limits;
  limits.forest.held_bytes = 16'000;
  j.joiner.set_limits(limits);
  for (std::uint64_t i = 0; i < 100; ++i)
    j.server("GET /" + std::to_string(i), "Cookie: " + std::string(1000, 'c') + "\r\n", i).end();
  EXPECT_LE(j.joiner.held(), 16u);
  EXPECT_GE(j.joiner.held(), 5u);
  EXPECT_EQ(j.joiner.forest_counters().released_early.get(), j.spans.size());
  EXPECT_EQ(test::title_of(j.spans[0]), "server GET /0");  // the oldest first
  j.joiner.flush();
  EXPECT_EQ(j.spans.size(), 100u);
  j.check_ledger();
}

TEST(Joiner, AnEarlyReleasedSpanIsStillJoinedIfItsClientIsThere) {
  Joining j;
  Joiner::Limits limits;
  limits.forest.held_bytes = 1;
  j.joiner.set_limits(limits);
  j.server("GET /a", "", 0).end();
  auto client = j.client("GET /a", "", 0);
  j.server("GET /b", "", 90).end();  // /a must go
  EXPECT_EQ(j.spans.size(), 1u);
  client.end();
  EXPECT_EQ(j.seen(), "server GET /a under client GET /a\nclient GET /a root\n");
}

TEST(Joiner, ForgetsTheOldestOfTooManyOpenRequests) {
  Joining j;
  Joiner::Limits limits;
  limits.edges = 3;
  j.joiner.set_limits(limits);
  std::vector<Joining::Half> clients;
  for (std::uint64_t i = 0; i < 4; ++i) clients.push_back(j.client("GET /c", "", i));
  EXPECT_EQ(j.joiner.counters().edges_forgotten.get(), 1u);
  for (std::uint64_t i = 0; i < 4; ++i) j.server("GET /s", "", i).end();
  EXPECT_EQ(j.spans.size(), 3u);  // joined, so out at once
  EXPECT_EQ(j.joiner.held(), 1u);
  for (auto& client : clients) client.end();
  j.wait(100 * kMs);
  EXPECT_EQ(j.joiner.counters().joined.get(), 3u);
}

TEST(Joiner, AServerMayReadAfterItsClientGaveUpButNotForEver) {
  Joining j;
  j.client("GET /a", "", 0).end();
  j.client("GET /b", "", 90).end();
  j.wait(1900 * kMs);
  j.server("GET /a", "", 0).end();
  j.wait(200 * kMs);
  j.server("GET /b", "", 90).end();  // 2.1 s after its client's end
  j.joiner.flush();
  EXPECT_EQ(j.seen(),
            "client GET /a root\nclient GET /b root\nserver GET /a under client GET /a\nserver GET /b root\n");
}

TEST(Joiner, AnAbandonedClientIsNobodysParent) {
  Joining j;
  auto client = j.client("GET /a");
  client.abandon();
  j.server("GET /a").end();
  j.wait(100 * kMs);
  EXPECT_EQ(j.seen(), "server GET /a root\n");
}

TEST(Joiner, AnAbandonedServerLeavesTheEdgeToNobodyElse) {
  Joining j;
  auto client = j.client("GET /a");
  j.server("GET /a").abandon();
  client.end();
  EXPECT_EQ(j.seen(), "client GET /a root\n");
}

TEST(Joiner, BothEndsComputeTheSameIdsWithoutSeeingEachOther) {
  Joining both;
  auto client = both.client("GET /a", "", 77);
  both.server("GET /a", "", 77).end();
  client.end();

  Joining other_host;  // sees the server alone, with the same key
  other_host.server("GET /a", "", 77).end();
  other_host.joiner.flush();
  EXPECT_EQ(other_host.spans[0].span_id, both.spans[0].span_id);

  IdKey stranger = test::kIdKey;
  stranger.bytes[3] ^= 1;
  Joining elsewhere(stranger);
  elsewhere.server("GET /a", "", 77).end();
  elsewhere.joiner.flush();
  EXPECT_NE(elsewhere.spans[0].span_id, both.spans[0].span_id);
}

TEST(Joiner, AReplayGivesTheSameIds) {
  std::vector<std::string> runs[2];
  for (auto& run : runs) {
    Joining j;
    auto client = j.client("GET /a");
    j.server("GET /a").end();
    client.end();
    j.server("GET /b", "", 90).end();
    j.joiner.flush();
    for (const Span& span : j.spans)
      run.push_back(to_hex(span.trace_id) + to_hex(span.span_id) + to_hex(span.parent_id));
  }
  EXPECT_EQ(runs[0].size(), 3u);
  EXPECT_EQ(runs[0], runs[1]);
}

TEST(Joiner, SaysHowALinkWasFound) {
  Joining j;
  auto client = j.client("GET /a", kTraceparent);
  j.server("GET /a", kTraceparent).end();
  client.end();
  const auto method = [](const Span& span) {
    return span.attributes.text(*span.attributes.find(AttributeKey::SutureLinkMethod));
  };
  EXPECT_EQ(method(j.spans[0]), "connection");
  EXPECT_EQ(method(j.spans[1]), "header");
}

TEST(Joiner, TakesItsTimesFromOneAnchor) {
  Joining j;
  j.joiner.set_anchor({.monotonic_ns = 1'000'000'000, .unix_ns = 1'700'000'000'000'000'000});
  auto client = j.client("GET /a");
  j.now_ns += 5 * kMs;
  client.end();
  EXPECT_EQ(j.spans[0].start_unix_ns, 1'700'000'000'000'000'000);
  EXPECT_EQ(j.spans[0].end_unix_ns, 1'700'000'000'005'000'000);
}

// Links inside a process.

TEST(Joiner, ASpanWaitsForTheTraceOfTheOneAboveIt) {
  Joining j;
  auto client = j.client("GET /a");
  auto server = j.server("GET /a");
  auto onward = j.onward("GET /b");
  onward.end();
  EXPECT_EQ(j.seen(), "");
  EXPECT_EQ(j.joiner.held(), 1u);
  j.joiner.link(onward.node(), server.node(), {"thread", 1.0});
  EXPECT_EQ(j.joiner.held(), 0u);
  server.end(), client.end();
  EXPECT_EQ(j.seen(), "client GET /b under server GET /a\nserver GET /a under client GET /a\nclient GET /a root\n");
}

TEST(Joiner, ALinkMadeBeforeTheParentsTraceIsKnownWaitsForIt) {
  Joining j;
  auto server = j.server("GET /a", kTraceparent);
  auto onward = j.onward("GET /b");
  j.joiner.link(onward.node(), server.node(), {"thread", 1.0});
  onward.end(), server.end();
  EXPECT_EQ(j.seen(), "");
  j.wait(100 * kMs);  // no client is here: the header holds
  EXPECT_EQ(j.seen(), "client GET /b under server GET /a\nserver GET /a under remote\n");
  EXPECT_EQ(to_hex(j.spans[0].trace_id), kTraceOfHeader);
}

TEST(Joiner, SaysOfAWholeTreeWhetherItsTraceBeganElsewhere) {
  for (const bool elsewhere : {true, false}) {
    Joining j;
    auto server = j.remote("GET /a", elsewhere ? kTraceparent : "");
    auto onward = j.onward("GET /b");
    j.joiner.link(onward.node(), server.node(), {"thread", 1.0});
    onward.end(), server.end();
    j.wait(100 * kMs);
    ASSERT_EQ(j.spans.size(), 2u);
    for (const Span& span : j.spans) EXPECT_EQ(span.begun_elsewhere, elsewhere);
  }
}

TEST(Joiner, AHeaderOfAnotherTraceOutweighsALink) {
  Joining j;
  auto server = j.server("GET /a");
  auto onward = j.onward("GET /b", kTraceparent);
  j.joiner.link(onward.node(), server.node(), {"thread", 1.0});
  onward.end(), server.end();
  j.wait(100 * kMs);
  EXPECT_EQ(j.seen(), "client GET /b under remote\nserver GET /a root\n");
}

TEST(Joiner, AProxyThatPassesTheHeaderOnStandsBetween) {
  Joining j;
  auto server = j.server("GET /a", kTraceparent);
  auto onward = j.onward("GET /b", kTraceparent);
  j.joiner.link(onward.node(), server.node(), {"policy", 1.0});
  onward.end(), server.end();
  j.wait(100 * kMs);
  EXPECT_EQ(j.seen(), "client GET /b under server GET /a\nserver GET /a under remote\n");
}

TEST(Joiner, WhatNothingCausedIsARootAndMayNameACandidate) {
  Joining j;
  auto client = j.client("GET /a");
  auto server = j.server("GET /a");
  auto onward = j.onward("GET /b");
  onward.end();
  j.joiner.unlinked(onward.node(), server.node());
  server.end(), client.end();
  EXPECT_EQ(j.seen(), "client GET /b root\nserver GET /a under client GET /a\nclient GET /a root\n");
  ASSERT_EQ(j.spans[0].links.size(), 1u);
  EXPECT_EQ(j.spans[0].links[0].span_id, j.spans[1].span_id);
  EXPECT_EQ(j.spans[0].links[0].trace_id, j.spans[1].trace_id);
}

TEST(Joiner, ASpanWaitsNoLongerThanItMayAndIsThenNamedByItsParent) {
  Joining j;
  auto client = j.client("GET /a");
  auto server = j.server("GET /a");
  auto onward = j.onward("GET /b");
  onward.end();
  j.wait(4999 * kMs);
  EXPECT_EQ(j.seen(), "");
  j.wait(kMs);
  EXPECT_EQ(j.seen(), "client GET /b root\n");
  EXPECT_EQ(j.joiner.forest_counters().hold_expired.get(), 1u);
  j.joiner.link(onward.node(), server.node(), {"waiter", 1.0});  // too late
  EXPECT_EQ(j.joiner.forest_counters().late_links.get(), 1u);
  server.end(), client.end();
  EXPECT_EQ(j.seen(), "server GET /a under client GET /a\nclient GET /a root\n");
  ASSERT_EQ(j.spans[1].links.size(), 1u);
  EXPECT_EQ(j.spans[1].links[0].span_id, j.spans[0].span_id);
  EXPECT_EQ(j.spans[1].links[0].method, "late");
}

TEST(Joiner, AnAbandonedParentLeavesItsChildARoot) {
  Joining j;
  auto server = j.server("GET /a");
  auto onward = j.onward("GET /b");
  j.joiner.link(onward.node(), server.node(), {"thread", 1.0});
  onward.end();
  server.abandon();
  j.wait(100 * kMs);
  EXPECT_EQ(j.seen(), "client GET /b root\n");
}

// `suture run -- CMD`

TEST(Joiner, FollowsACommandsRequestsIntoOtherProcesses) {
  Joining j;
  j.joiner.follow_command_only();
  auto client = j.client("GET /a");
  j.server("GET /a", "", 0, Wanted::OnlyJoined).end();
  client.end();
  EXPECT_EQ(j.seen(), "server GET /a under client GET /a\nclient GET /a root\n");

  // The other process sends the command's trace on by a header.
  const std::string fields =
      "traceparent: 00-" + to_hex(j.spans[0].trace_id) + "-" + to_hex(j.spans[0].span_id) + "-00\r\n";
  auto onward = j.client("GET /next", fields, 200, Wanted::OnlyJoined);
  j.server("GET /next", fields, 200, Wanted::OnlyJoined).end();
  onward.end();
  EXPECT_EQ(j.spans.size(), 4u);
  EXPECT_EQ(test::parent_of(j.spans[2], j.spans), "under client GET /next");
}

TEST(Joiner, LeavesOutWhatACommandDidNotCause) {
  Joining j;
  j.joiner.follow_command_only();
  auto client = j.client("GET /a", "", 0, Wanted::OnlyJoined);
  j.server("GET /a", "", 0, Wanted::OnlyJoined).end();
  client.end();
  j.wait(100 * kMs);
  EXPECT_EQ(j.seen(), "");
  EXPECT_EQ(j.joiner.forest_counters().dropped_outside.get(), 2u);
}

TEST(Joiner, AClientOutsideOfTheCommandIsNobodysParent) {
  Joining j;
  j.joiner.follow_command_only();
  auto client = j.client("GET /a", "", 0, Wanted::OnlyJoined);
  j.server("GET /a").end();  // the command is a server
  client.end();
  j.wait(100 * kMs);
  EXPECT_EQ(j.seen(), "server GET /a root\n");
}

}  // namespace
}  // namespace suture

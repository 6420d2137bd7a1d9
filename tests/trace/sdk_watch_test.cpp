// Beside SDKs: what they report is not exported a second time, and what they do not is. Trace A is upstream's, its span a1
// called this host.
#include "trace/sdk_watch.h"

#include <gtest/gtest.h>

#include "joining.h"

namespace suture {
namespace {

using test::Joining;
using test::kMs;

constexpr std::string_view kUpload = "POST /v1/traces";

/// A sampled traceparent: trace A, B, ... and the last two digits of the span.
std::string context(char trace, const char* span, const char* flags = "01") {
  const char digit = static_cast<char>(trace - 'A' + 'a');
  return "traceparent: 00-" + std::string(32, digit) + "-00000000000000" + span + "-" + flags + "\r\n";
}

std::uint64_t clients(const Joining& j) { return j.joiner.forest_counters().dropped_sdk_client.get(); }
std::uint64_t servers(const Joining& j) { return j.joiner.forest_counters().dropped_sdk_server.get(); }

std::string parent_id(const Span& span) { return to_hex(span.parent_id).substr(14); }

/// A request with a context that nothing follows, and the time in which an SDK would have shown itself.
void be_silent(Joining& j) {
  j.remote("GET /silent", context('F', "f1"), 1 << 20).end();
  j.wait(SdkWatch::kSilenceNs + 100 * kMs);
  EXPECT_EQ(j.seen(), "server GET /silent under remote\n");
}

TEST(SdkWatch, AClientSpanThatAnSdkReportsIsNotExportedAndIsTheParentOfTheServers) {
  Joining j;
  auto client = j.client("GET /a", context('A', "a1"));
  auto server = j.server("GET /a", context('A', "a1"));
  server.end(), client.end();
  EXPECT_EQ(clients(j), 1u);
  EXPECT_EQ(j.seen(), "");  // whether the server has an SDK is not known yet
  j.wait(SdkWatch::kSilenceNs);
  EXPECT_EQ(j.seen(), "server GET /a under remote\n");
  EXPECT_EQ(parent_id(j.spans[0]), "a1");
}

TEST(SdkWatch, AContextThatIsNotSampledIsReportedByNobodyElse) {
  Joining j;
  auto client = j.client("GET /a", context('A', "a1", "00"));
  auto server = j.server("GET /a", context('A', "a1", "00"));
  server.end(), client.end();
  EXPECT_EQ(j.seen(), "server GET /a under client GET /a\nclient GET /a under remote\n");
}

TEST(SdkWatch, AServerWhoseSdkTookUpTheTraceIsNotExported) {
  Joining j;
  auto server = j.remote("GET /a", context('A', "a1"));
  auto onward = j.onward("GET /b", context('A', "a2"));
  j.joiner.link(onward.node(), server.node(), {"thread", 1.0});
  onward.end(), server.end();
  EXPECT_EQ(clients(j), 1u);
  EXPECT_EQ(servers(j), 1u);
  EXPECT_EQ(j.joiner.held(), 0u);
  // What is known of one request is expected of the next.
  j.remote("GET /next", context('B', "b1"), 100).end();
  EXPECT_EQ(servers(j), 2u);
  EXPECT_EQ(j.joiner.held(), 0u);
}

TEST(SdkWatch, WhatTheSdkDoesNotSeeHangsUnderTheSpanAbove) {
  Joining j;
  auto server = j.remote("GET /a", context('A', "a1"));
  auto blind = j.onward("GET /blind", "", 0);
  j.joiner.link(blind.node(), server.node(), {"thread", 1.0});
  blind.end();
  j.wait(200 * kMs);
  EXPECT_EQ(j.seen(), "");
  auto onward = j.onward("GET /b", context('A', "a2"), 100);
  j.joiner.link(onward.node(), server.node(), {"thread", 1.0});
  EXPECT_EQ(j.seen(), "client GET /blind under remote\n");
  EXPECT_EQ(parent_id(j.spans[0]), "a1");
  auto late = j.onward("GET /late", "", 200);
  j.joiner.link(late.node(), server.node(), {"thread", 1.0});
  onward.end(), server.end(), late.end();
  EXPECT_EQ(j.seen(), "client GET /late under remote\n");
  EXPECT_EQ(parent_id(j.spans[1]), "a1");
  EXPECT_EQ(servers(j), 1u);
}

TEST(SdkWatch, AServerThatASpanHasNamedIsExportedAndMarked) {
  Joining j;
  be_silent(j);
  auto server = j.remote("GET /a", context('A', "a1"));
  auto blind = j.onward("GET /blind");
  j.joiner.link(blind.node(), server.node(), {"thread", 1.0});
  blind.end();
  j.wait(200 * kMs);
  EXPECT_EQ(j.spans.size(), 2u);  // it has left
  j.onward("GET /b", context('A', "a2"), 100).end();
  server.end();
  EXPECT_EQ(j.seen(), "client GET /blind under server GET /a\nserver GET /a under remote\n");
  EXPECT_NE(j.spans[2].attributes.find(AttributeKey::SutureObserved), nullptr);
  EXPECT_EQ(servers(j), 0u);
}

TEST(SdkWatch, ALeafThatUploadsSpansHasAnSdk) {
  Joining j;
  j.remote("GET /a", context('A', "a1")).end();
  j.remote("GET /b", context('A', "a2"), 100).end();
  j.wait(4900 * kMs);
  EXPECT_EQ(j.joiner.held(), 2u);
  j.onward(kUpload, "", 200).end();
  EXPECT_EQ(servers(j), 2u);
  EXPECT_EQ(j.joiner.held(), 0u);
  // So has the same process where a request comes without a context, which begins a trace of its own.
  j.remote("GET /c", "", 300).end();
  j.wait(200 * kMs);
  EXPECT_EQ(servers(j), 3u);
  EXPECT_EQ(j.seen(), "");
}

TEST(SdkWatch, WhoForwardsUploadsIsNotJudgedByThem) {
  Joining j;
  be_silent(j);
  auto intake = j.remote(kUpload, "", 100);
  j.onward(kUpload, "", 100).end();
  intake.end();
  j.remote("GET /a", context('A', "a1"), 200).end();
  j.wait(200 * kMs);
  EXPECT_EQ(j.seen(), "server GET /a under remote\n");
}

TEST(SdkWatch, SilenceMeansNoSdkUntilOneShows) {
  Joining j;
  be_silent(j);
  j.remote("GET /a", context('A', "a1")).end();
  j.wait(100 * kMs);
  EXPECT_EQ(j.seen(), "server GET /a under remote\n");
  j.onward(kUpload).end();
  j.remote("GET /b", context('A', "a2"), 100).end();
  j.wait(100 * kMs);
  EXPECT_EQ(j.seen(), "");
  EXPECT_EQ(servers(j), 1u);
}

TEST(SdkWatch, AProxyThatPassesTheContextOnStandsBetween) {
  for (const bool linked : {true, false}) {
    Joining j;
    auto server = j.remote("GET /a", context('A', "a1"));
    auto onward = j.onward("GET /b", context('A', "a1"));
    if (linked) j.joiner.link(onward.node(), server.node(), {"thread", 1.0});
    else j.joiner.unlinked(onward.node(), 0);  // the header says it
    onward.end(), server.end();
    j.wait(100 * kMs);
    EXPECT_EQ(j.seen(), "client GET /b under server GET /a\nserver GET /a under remote\n");
    // It has shown that it passes contexts on: nothing of it waits any more.
    j.remote("GET /c", context('B', "b1"), 100).end();
    j.wait(100 * kMs);
    EXPECT_EQ(j.seen(), "server GET /c under remote\n");
    // A context whose request was not seen (shed, lost) is none of its own making.
    auto unseen = j.onward("GET /d", context('C', "c1"), 200);
    j.joiner.unlinked(unseen.node(), 0);
    unseen.end();
    EXPECT_EQ(j.seen(), "client GET /d under remote\n");
    EXPECT_EQ(clients(j), 0u);
  }
}

TEST(SdkWatch, AContextThatCameTwiceSaysNotWithWhichRequest) {
  Joining j;
  auto one = j.remote("GET /1", context('A', "a1")), two = j.remote("GET /2", context('A', "a1"), 100);
  auto onward = j.onward("GET /b", context('A', "a1"));
  j.joiner.unlinked(onward.node(), 0);
  onward.end(), one.end(), two.end();
  j.wait(100 * kMs);
  EXPECT_EQ(j.seen(), "client GET /b under remote\nserver GET /1 under remote\nserver GET /2 under remote\n");
}

TEST(SdkWatch, WhatDidNotTakeUpTheTraceIsLinkedToTheOneItBegan) {
  Joining j;
  auto server = j.remote("GET /a", context('A', "a1"));
  auto onward = j.onward("GET /b", context('B', "b1"));
  j.joiner.link(onward.node(), server.node(), {"thread", 1.0});
  onward.end(), server.end();
  j.wait(100 * kMs);
  EXPECT_EQ(j.seen(), "server GET /a under remote\n");
  ASSERT_EQ(j.spans[0].links.size(), 1u);
  EXPECT_EQ(to_hex(j.spans[0].links[0].trace_id), std::string(32, 'b'));
  EXPECT_EQ(to_hex(j.spans[0].links[0].span_id), "00000000000000b1");
  EXPECT_EQ(j.spans[0].links[0].method, "thread");
  EXPECT_EQ(clients(j), 1u);
}

TEST(SdkWatch, ARootWhoseSdkBeganATraceIsTheSdks) {
  Joining j;
  auto server = j.remote("GET /a");
  auto onward = j.onward("GET /b", context('B', "b1"));
  j.joiner.link(onward.node(), server.node(), {"thread", 1.0});
  onward.end(), server.end();
  j.wait(200 * kMs);
  EXPECT_EQ(j.seen(), "");
  EXPECT_EQ(servers(j), 1u);
  // Under a client of ours it carries that one's trace, and says where it goes on.
  auto client = j.client("GET /c");
  auto under = j.server("GET /c");
  auto again = j.onward("GET /d", context('C', "c1"), 100);
  j.joiner.link(again.node(), under.node(), {"thread", 1.0});
  again.end(), under.end(), client.end();
  EXPECT_EQ(j.seen(), "server GET /c under client GET /c\nclient GET /c root\n");
  ASSERT_EQ(j.spans[0].links.size(), 1u);
  EXPECT_EQ(to_hex(j.spans[0].links[0].span_id), "00000000000000c1");
}

TEST(SdkWatch, OurSpansAreMarkedChildrenWhereThatIsAskedFor) {
  Joining j;
  j.joiner.set_context({.observe_sdks = true});
  auto server = j.remote("GET /a", context('A', "a1"));
  auto onward = j.onward("GET /b", context('A', "a2"));
  j.joiner.link(onward.node(), server.node(), {"thread", 1.0});
  onward.end(), server.end();
  j.wait(100 * kMs);
  EXPECT_EQ(j.seen(), "client GET /b under remote\nserver GET /a under remote\n");
  EXPECT_EQ(parent_id(j.spans[0]), "a2");
  EXPECT_EQ(parent_id(j.spans[1]), "a1");
  for (const Span& span : j.spans) EXPECT_NE(span.attributes.find(AttributeKey::SutureObserved), nullptr);
}

TEST(SdkWatch, WhereSomethingCannotBeReadAClientSpanIsKeptAndMarked) {
  Joining j;
  j.joiner.on_unreadable(j.client_process);
  j.client("GET /a", context('A', "a1")).end();
  EXPECT_EQ(j.seen(), "client GET /a under remote\n");
  EXPECT_EQ(parent_id(j.spans[0]), "a1");
  EXPECT_NE(j.spans[0].attributes.find(AttributeKey::SutureObserved), nullptr);
}

TEST(SdkWatch, ForgetsAProcessThatExecutesAnother) {
  Joining j;
  j.onward(kUpload).end();
  j.remote("GET /a", context('A', "a1")).end();
  EXPECT_EQ(servers(j), 1u);
  j.joiner.on_process_over(j.server_process);
  j.remote("GET /b", context('A', "a2"), 100).end();
  j.wait(SdkWatch::kSilenceNs + 100 * kMs);
  EXPECT_EQ(j.seen(), "server GET /b under remote\n");
}

TEST(SdkWatch, WhatWaitsLeavesAtTheEnd) {
  Joining j;
  auto server = j.remote("GET /a", context('A', "a1"));
  auto onward = j.onward("GET /b");
  j.joiner.link(onward.node(), server.node(), {"thread", 1.0});
  onward.end(), server.end();
  j.wait(5200 * kMs);  // the client's hold is over: its parent is taken for ours
  EXPECT_EQ(j.seen(), "client GET /b under server GET /a\nserver GET /a under remote\n");
  j.remote("GET /c", context('A', "a2"), 100).end();
  j.joiner.flush();
  EXPECT_EQ(j.seen(), "server GET /c under remote\n");
  EXPECT_EQ(j.joiner.held(), 0u);
}

}  // namespace
}  // namespace suture

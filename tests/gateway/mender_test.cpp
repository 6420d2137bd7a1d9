// Which parcels wait for what, and how they leave.
#include "gateway/mender.h"

#include "telemetry.h"

namespace suture::test {
namespace {

using std::chrono::milliseconds;

/// 1: the trace of our spans. 2: one that an SDK began.
struct Mending {
  explicit Mending(MendMode mode, Mender::Limits limits = {})
      : mender(mode, limits, [this](ReportedSpan&& span) { asked.push_back(std::move(span)); }, [this](Parcel&& parcel) { left.push_back(std::move(parcel)); }) {}

  void take(Signal signal, const std::string& body) {
    Parcel parcel;
    parcel.signal = signal;
    parcel.body = body;
    parcel.telemetry = decode_protobuf(signal, body);
    parcel.records = parcel.telemetry->records();
    parcel.upload_port = 5000;
    mender.take(std::move(parcel), now);
  }
  /// The span that was asked for last is our server span's (4), which hangs under our client span (3) in trace 1.
  void place(bool found = true) {
    Placement placement;
    placement.reported_trace = asked.back().trace;
    placement.reported_span = asked.back().span;
    placement.root = !asked.back().parent.valid();
    placement.found = found;
    placement.trace = trace('1');
    placement.parent = span('3');
    placement.server = span('4');
    placement.flags = 1;
    mender.on_placed(placement);
    wait(milliseconds(0));
  }
  void wait(milliseconds time) {
    now += time;
    mender.tick(now);
  }

  Mender::Clock::time_point now{std::chrono::hours(1)};
  std::vector<ReportedSpan> asked;
  std::vector<Parcel> left;
  Mender mender;
};

std::vector<ReportedSpan> spans_of(const Parcel& parcel) {
  std::vector<ReportedSpan> spans;
  decode_protobuf(parcel.signal, parcel.body)->for_each_span([&](SpanRecord& record) { spans.push_back(record.facts()); });
  return spans;
}

TEST(MenderLink, WhatBeganNoTraceLeavesAtOnceAsItCame) {
  Mending mending(MendMode::Link);
  const std::string spans = request({server_span('2', 'c', raw(span('a'))), inner_span('2', 'd', 'c')}), logs = request({log_record('2')});
  mending.take(Signal::Traces, spans);
  mending.take(Signal::Logs, logs);
  ASSERT_EQ(mending.left.size(), 2u);
  EXPECT_EQ(mending.left[0].body, spans);
  EXPECT_EQ(mending.left[1].body, logs);
  EXPECT_TRUE(mending.asked.empty());
}

TEST(MenderLink, ARootGetsALinkToOurServerSpanAndNothingElse) {
  Mending mending(MendMode::Link);
  const std::string root = server_span('2', 'c');
  mending.take(Signal::Traces, request({root}));
  ASSERT_EQ(mending.asked.size(), 1u);
  EXPECT_EQ(mending.asked[0].upload_port, 5000);
  EXPECT_TRUE(mending.left.empty());
  mending.place();
  ASSERT_EQ(mending.left.size(), 1u);
  const std::string link = field(1, raw(trace('1'))) + field(2, raw(span('4'))) + field(4, text_attribute("suture.link.method", "gateway"));
  EXPECT_NE(mending.left[0].body.find(link), std::string::npos);
  EXPECT_EQ(spans_of(mending.left[0])[0].trace, trace('2'));
  EXPECT_FALSE(spans_of(mending.left[0])[0].parent.valid());
  EXPECT_EQ(mending.mender.counters().joined.get(), 1u);
}

TEST(MenderLink, WhatBelongsNowhereLeavesAsItCame) {
  Mending mending(MendMode::Link);
  const std::string body = request({server_span('2', 'c')});
  mending.take(Signal::Traces, body);
  mending.place(false);
  ASSERT_EQ(mending.left.size(), 1u);
  EXPECT_EQ(mending.left[0].body, body);
  EXPECT_EQ(mending.mender.counters().unjoined.get(), 1u);
}

TEST(MenderRewrite, TheTraceBecomesOursAndItsRootHangsUnderTheClientSpan) {
  Mending mending(MendMode::Rewrite);
  mending.take(Signal::Traces, request({server_span('2', 'c'), inner_span('2', 'd', 'c')}));
  mending.place();
  ASSERT_EQ(mending.left.size(), 1u);
  const std::vector<ReportedSpan> spans = spans_of(mending.left[0]);
  EXPECT_EQ(spans[0].trace, trace('1'));
  EXPECT_EQ(spans[0].parent, span('3'));
  EXPECT_EQ(spans[1].trace, trace('1'));
  EXPECT_EQ(spans[1].parent, span('c'));
  EXPECT_NE(mending.left[0].body.find(text_attribute("suture.original.trace_id", std::string(32, '2'))), std::string::npos);
  EXPECT_EQ(mending.mender.counters().moved.get(), 2u);
}

TEST(MenderRewrite, WhatComesBeforeTheRootWaitsForItInAllSignals) {
  Mending mending(MendMode::Rewrite);
  mending.take(Signal::Traces, request({inner_span('2', 'd', 'c') + field(13, field(1, raw(trace('2'))) + field(2, raw(span('9'))))}));
  mending.take(Signal::Logs, request({log_record('2')}));
  mending.take(Signal::Metrics, request({metric('2')}));
  mending.wait(Mender::Limits().hold - milliseconds(1));
  EXPECT_TRUE(mending.left.empty());
  mending.take(Signal::Traces, request({server_span('2', 'c')}));
  mending.place();
  ASSERT_EQ(mending.left.size(), 4u);
  for (const Parcel& parcel : mending.left) {
    EXPECT_EQ(parcel.body.find(raw(trace('2'))), std::string::npos);
    EXPECT_NE(parcel.body.find(raw(trace('1'))), std::string::npos);
  }
  EXPECT_EQ(mending.mender.counters().unmended.get(), 0u);
  // What comes later is moved at once.
  mending.take(Signal::Logs, request({log_record('2')}));
  ASSERT_EQ(mending.left.size(), 5u);
  EXPECT_NE(mending.left[4].body.find(raw(trace('1'))), std::string::npos);
}

TEST(MenderRewrite, WaitingIsBoundedInTimeAndCounted) {
  Mending mending(MendMode::Rewrite);
  const std::string body = request({log_record('2'), log_record('2')});
  mending.take(Signal::Logs, body);
  mending.wait(Mender::Limits().hold);
  ASSERT_EQ(mending.left.size(), 1u);
  EXPECT_EQ(mending.left[0].body, body);
  EXPECT_EQ(mending.mender.counters().unmended.get(), 2u);
}

TEST(MenderRewrite, WaitingIsBoundedInBytes) {
  Mending mending(MendMode::Rewrite, {.held_bytes = 200});
  const std::string body = request({log_record('2')});
  for (int i = 0; i < 10; ++i) mending.take(Signal::Logs, body);
  EXPECT_EQ(mending.left.size(), 10u - 200u / body.size());
}

TEST(MenderRewrite, ATraceThatBelongsNowhereIsNotWaitedForTwice) {
  Mending mending(MendMode::Rewrite);
  mending.take(Signal::Traces, request({server_span('2', 'c')}));
  mending.place(false);
  const std::string body = request({inner_span('2', 'd', 'c')});
  mending.take(Signal::Traces, body);
  ASSERT_EQ(mending.left.size(), 2u);
  EXPECT_EQ(mending.left[1].body, body);
}

TEST(MenderRewrite, AServerSpanBehindAProxyHangsUnderTheProxysClientSpan) {
  Mending mending(MendMode::Rewrite);
  mending.take(Signal::Traces, request({server_span('1', 'c', raw(span('a')))}));
  ASSERT_EQ(mending.asked.size(), 1u);
  mending.place();
  mending.wait(Mender::Limits().hold);  // its trace's root is on another host
  ASSERT_EQ(mending.left.size(), 1u);
  EXPECT_EQ(spans_of(mending.left[0])[0].parent, span('3'));
  EXPECT_EQ(spans_of(mending.left[0])[0].trace, trace('1'));
  EXPECT_NE(mending.left[0].body.find(text_attribute("suture.original.parent_span_id", std::string(16, 'a'))), std::string::npos);
  EXPECT_EQ(mending.mender.counters().reparented.get(), 1u);
}

TEST(MenderRewrite, EverythingLeavesAtTheEnd) {
  Mending mending(MendMode::Rewrite);
  mending.take(Signal::Logs, request({log_record('2')}));
  mending.take(Signal::Traces, request({server_span('3', 'c')}));
  mending.mender.flush();
  EXPECT_EQ(mending.left.size(), 2u);
  EXPECT_FALSE(mending.mender.holds());
  mending.place();  // too late, and harmless
}

TEST(TraceTable, IsBoundedAndForgetsTheOldest) {
  TraceTable table(2);
  for (char digit : {'1', '2', '3'}) table.set(trace(digit), {.state = TraceTable::State::Own});
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(table.find(trace('1')).state, TraceTable::State::Unknown);
  table.set(trace('3'), {.state = TraceTable::State::Moved, .to = trace('1')});
  table.set(trace('3'), {.state = TraceTable::State::Own});
  EXPECT_EQ(table.find(trace('3')).to, trace('1'));
}

}  // namespace
}  // namespace suture::test

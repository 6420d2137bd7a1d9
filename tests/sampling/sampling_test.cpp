// The head, its rules and the budget.
#include "sampling/sampling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "sample.h"

namespace suture::test {
namespace {

constexpr std::uint8_t kNotSampled = kTraceFlagRandom;

SamplingOptions with(Sampler sampler) { return {.sampler = sampler}; }
SamplingOptions with_rules(std::vector<std::string> rules, Sampler sampler = {}) {
  SamplingOptions options{.sampler = sampler};
  for (const std::string& rule : rules) options.rules.push_back(parse_sample_rule(rule).value());
  return options;
}

/// How many spans of each trace arrived.
std::map<TraceId, int> traces(const Stage& stage) {
  std::map<TraceId, int> count;
  for (const Span& span : stage.out.spans) ++count[span.trace_id];
  return count;
}

TEST(Sampling, ByDefaultLetsEverythingThroughAsItIsButWhatItsCallerDidNotSample) {
  Stage stage({});
  stage.add(entry_span(1));
  Span stated = from_elsewhere(entry_span(2));
  stated.trace_state = "a=1,ot=th:0";
  stage.add(stated);
  stage.add(from_elsewhere(entry_span(3), kNotSampled));
  ASSERT_EQ(stage.out.spans.size(), 2u);
  EXPECT_EQ(stage.out.spans[0].trace_state, "");
  EXPECT_EQ(stage.out.spans[1].trace_state, "a=1,ot=th:0");
  EXPECT_EQ(stage.sampling.counters().not_sampled.get(), 1u);
  EXPECT_TRUE(stage.adds_up());
}

TEST(Sampling, ByParentErasesAThresholdThatCannotHaveKeptTheTrace) {
  Stage stage({});
  Span span = from_elsewhere(entry_span(2));
  span.trace_state = "a=1,ot=th:c;rv:b0000000000000";
  stage.add(span);
  EXPECT_EQ(stage.out.spans[0].trace_state, "ot=rv:b0000000000000,a=1");
}

TEST(Sampling, WithoutParentsDecidesForItself) {
  Stage on(with({.parent_based = false}));
  on.add(from_elsewhere(entry_span(1), kNotSampled));
  ASSERT_EQ(on.out.spans.size(), 1u);
  EXPECT_EQ(on.out.spans[0].trace_flags, kNotSampled | kTraceFlagSampled);
  Stage off(with({.parent_based = false, .root = kNever}));
  off.add(from_elsewhere(entry_span(1)));
  EXPECT_EQ(off.sampling.counters().sampled_out.get(), 1u);
  Stage half(with({.parent_based = false, .root = threshold_of(0.5)}));
  Span low = from_elsewhere(entry_span(1)), high = low;
  low.trace_state = "ot=th:c;rv:70000000000000";
  high.trace_state = "ot=th:c;rv:80000000000000";
  half.add(low);
  half.add(high);
  ASSERT_EQ(half.out.spans.size(), 1u);
  EXPECT_EQ(half.out.spans[0].trace_state, "ot=th:8;rv:80000000000000");
}

TEST(Sampling, OfAShareDecidesAllSpansOfATraceAlikeAndSaysHowManyTheyStandFor) {
  Stage stage(with({.root = threshold_of(0.25)}));
  constexpr std::uint64_t kTraces = 4'000;
  for (std::uint64_t i = 0; i < kTraces; ++i) stage.add(client_span(i));
  for (std::uint64_t i = 0; i < kTraces; ++i) stage.add(entry_span(i));
  const auto kept = traces(stage);
  EXPECT_NEAR(static_cast<double>(kept.size()), kTraces * 0.25, 3 * std::sqrt(kTraces * 0.25 * 0.75));
  for (const auto& [id, spans] : kept) EXPECT_EQ(spans, 2);
  for (const Span& span : stage.out.spans) EXPECT_EQ(span.trace_state, "ot=th:c");
  EXPECT_TRUE(stage.adds_up());
  stage.add(from_elsewhere(entry_span(0)));
  EXPECT_EQ(stage.out.spans.back().trace_state, "");  // whoever began it knows
}

TEST(Sampling, ByRulesLooksAtTheSpanWithWhichTheTraceEntered) {
  Stage stage(with_rules({"route=/static/* 0%", "service=shop 100%", "0%"}));
  stage.add(client_span(1));
  EXPECT_EQ(stage.sampling.held(), 1u);
  stage.add(entry_span(1, "/buy"));
  stage.add(client_span(1, 3));  // late
  stage.add(client_span(2));
  stage.add(entry_span(2, "/static/logo.png"));
  stage.add(client_span(2, 3));
  Span orders = entry_span(3);
  orders.process.tgid = 43;
  stage.add(orders);
  EXPECT_EQ(traces(stage), (std::map<TraceId, int>{{trace_id(1), 3}}));
  EXPECT_EQ(stage.out.spans[0].trace_state, "ot=th:0");
  EXPECT_EQ(stage.sampling.counters().sampled_out.get(), 4u);
  EXPECT_TRUE(stage.adds_up());
}

TEST(Sampling, ByRulesLeavesTracesToTheSamplerWhereNoneFits) {
  Stage stage(with_rules({"service=orders 100%"}, {.root = kNever}));
  stage.add(entry_span(1));
  EXPECT_EQ(stage.sampling.counters().sampled_out.get(), 1u);
  stage.add(from_elsewhere(entry_span(2)));
  EXPECT_EQ(stage.out.spans.size(), 1u);
}

TEST(Sampling, WithinABudgetDropsWholeTraces) {
  SamplingOptions options;
  options.budget.spans_per_second = 100;
  Stage stage(options);
  for (std::uint64_t second = 0; second < 3; ++second) {
    for (std::uint64_t i = 0; i < 200; ++i)
      for (std::uint8_t id = 2; id < 5; ++id) stage.add(client_span(second * 1'000 + i, id));
    stage.wait(kSecond);
  }
  EXPECT_EQ(stage.sampling.counters().rate_limited.get() + stage.out.spans.size(), 1'800u);
  EXPECT_NEAR(static_cast<double>(stage.out.spans.size()), 300, 3);
  for (const auto& [id, spans] : traces(stage)) EXPECT_EQ(spans, 3);
  EXPECT_TRUE(stage.adds_up());
}

TEST(Sampling, WithinABudgetOfBytesDropsWhatIsBeyond) {
  SamplingOptions options;
  options.budget.bytes_per_second = 10 * static_cast<double>(otlp_bytes(entry_span(1)));
  Stage stage(options);
  for (std::uint64_t i = 0; i < 50; ++i) stage.add(entry_span(i));
  EXPECT_EQ(stage.out.spans.size(), 10u);
  EXPECT_EQ(stage.sampling.counters().rate_limited.get(), 40u);
}

}  // namespace
}  // namespace suture::test

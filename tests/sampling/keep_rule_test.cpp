#include "sampling/keep_parser.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "sample.h"

namespace suture {
namespace {

using test::kMs;

/// Of a trace of one such span.
Threshold value(const char* text, const SpanFacts& facts) {
  const auto rule = parse_keep_rule(text);
  EXPECT_TRUE(rule) << text << ": " << (rule ? "" : rule.error());
  return rule ? rule.value().threshold(rule.value().met_by(facts)) : 1;
}

TEST(KeepRule, KeepsByItsConditionsAndElseItsShare) {
  const struct {
    const char* rule;
    SpanFacts facts;
    Threshold value;
  } rows[] = {
      {"error", {.error = true}, kCertain},
      {"error", {}, kNever},
      {"error || duration > 500ms || 1%", {}, threshold_of(0.01)},
      {"error || duration > 500ms || 1%", {.duration_ns = 501 * kMs}, kCertain},
      {"duration > 500ms", {.duration_ns = 500 * kMs}, kNever},
      {"duration >= 500ms", {.duration_ns = 500 * kMs}, kCertain},
      {"duration < 1s", {.duration_ns = 999 * kMs}, kCertain},
      {"duration<=1s", {.duration_ns = 1000 * kMs}, kCertain},
      {"duration <= 1s", {.duration_ns = 1000 * kMs + 1}, kNever},
      {"status >= 500", {.status = 503}, kCertain},
      {"status >= 500", {.status = 404}, kNever},
      {"status < 500", {.status = 404}, kCertain},
      {"status == 404", {.status = 404}, kCertain},
      {"status == 404", {.status = 405}, kNever},
      {"status != 404", {.status = 404}, kNever},
      {"status >= 100", {}, kNever},
      {"slow", {.slow = true}, kCertain},
      {"rare", {.rare = true}, kCertain},
      {"service == \"shop\"", {.service = "shop"}, kCertain},
      {"service != \"shop\"", {.service = "shop"}, kNever},
      {"!error", {}, kCertain},
      {"!!error", {}, kNever},
      {"!(error || slow)", {.slow = true}, kNever},
      {"service == \"shop\" && 10% || 1%", {.service = "shop"}, threshold_of(0.1)},
      {"service == \"shop\" && 10% || 1%", {.service = "orders"}, threshold_of(0.01)},
      {"error && (slow || 50%)", {.error = true}, threshold_of(0.5)},
      {"error&&slow||rare", {.rare = true}, kCertain},
      {"10% && 1%", {}, threshold_of(0.01)},
      {" 100 % ", {}, kCertain},
      {"0%", {.error = true}, kNever},
      {"0.1%", {}, threshold_of(0.001)},
  };
  for (const auto& row : rows) EXPECT_EQ(value(row.rule, row.facts), row.value) << row.rule;
}

TEST(KeepRule, IsMetByTheSpansOfATraceTogether) {
  const KeepRule rule = parse_keep_rule("error && service == \"shop\"").value();
  const KeepRule::Met error = rule.met_by({.error = true, .service = "orders"}), shop = rule.met_by({.service = "shop"});
  EXPECT_EQ(rule.threshold(error), kNever);
  EXPECT_EQ(rule.threshold(error | shop), kCertain);
  EXPECT_TRUE(rule.asks(Condition::Of::Error));
  EXPECT_FALSE(rule.asks(Condition::Of::Slow));
}

TEST(KeepRule, SaysWhereItIsWrongAndWhatMayStandThere) {
  const struct {
    const char *rule, *error;
  } rows[] = {
      {"error || duraton > 5ms", "at character 10, 'duraton > 5ms': expected error, slow, rare, duration > 500ms, status >= 500, service == \"name\" or a share such as 1%"},
      {"", "at its end: expected error, slow, rare, duration > 500ms, status >= 500, service == \"name\" or a share such as 1%"},
      {"error ||", "at its end: expected error, slow, rare, duration > 500ms, status >= 500, service == \"name\" or a share such as 1%"},
      {"error slow", "at character 7, 'slow': || or && or the end is expected"},
      {"(error", "at its end: ) is missing"},
      {"!1%", "at character 1, '!1%': a share cannot be negated; write ! before conditions only, and what remains as a share, as in 90%"},
      {"service == \"shop", "at character 13, 'shop': the name has no closing quote"},
  };
  for (const auto& row : rows) {
    const auto rule = parse_keep_rule(row.rule);
    ASSERT_FALSE(rule) << row.rule;
    EXPECT_EQ(rule.error(), row.error);
  }
}

TEST(KeepRule, RefusesWhatItDoesNotUnderstand) {
  for (const char* text : {"error)", "||", "&& error", "error || || slow", "duration", "duration > 500", "duration > ms", "duration > -1ms", "duration = 5ms",
                           "duration > 99999999999999999999ms", "duration > 9999999999999s", "status > 1000", "status 500", "service > \"a\"", "service == a",
                           "101%", "-1%", "1", "1e1%", "nan%", "Error", "errors", "error | slow", "!(error || 1%)", "! ", "()"})
    EXPECT_FALSE(parse_keep_rule(text)) << text;
}

TEST(KeepRule, IsBoundedInDepthAndSize) {
  EXPECT_TRUE(parse_keep_rule(std::string(30, '(') + "error" + std::string(30, ')')));
  EXPECT_FALSE(parse_keep_rule(std::string(100'000, '(')));
  EXPECT_FALSE(parse_keep_rule(std::string(100'000, '!') + "error"));
  std::string many = "error";
  for (int i = 1; i < 32; ++i) many += " || error";
  EXPECT_TRUE(parse_keep_rule(many));
  EXPECT_FALSE(parse_keep_rule(many + " || error"));
}

TEST(KeepRule, SurvivesAnyText) {
  std::mt19937 random(1);
  const std::string tokens[] = {"error", "slow", "||", "&&", "!", "(", ")", "1%", "duration", ">", "5ms", "status", "500", "service", "==", "\"a\"", "\"", " ", "\xff", std::string(1, '\0')};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto left = random() % 12; left > 0; --left) text += tokens[random() % std::size(tokens)];
    if (const auto rule = parse_keep_rule(text)) (void)rule.value().threshold(rule.value().met_by({}));
  }
}

}  // namespace
}  // namespace suture

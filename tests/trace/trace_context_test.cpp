#include "trace/trace_context.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http_builder.h"
#include "trace/http_context.h"

namespace suture {
namespace {

constexpr std::string_view kTraceparent = "00-a1b2c3d4e5f60718293a4b5c6d7e8f90-0f1e2d3c4b5a6978-01";

std::string tracestate_of(std::vector<std::string> fields) {
  const std::vector<std::string_view> views(fields.begin(), fields.end());
  return parse_trace_context(1, kTraceparent, views).value().trace_state;
}

std::string members(int count) {
  std::string list;
  for (int i = 0; i < count; ++i) list += (i > 0 ? "," : "") + ("k" + std::to_string(i)) + "=v";
  return list;
}

TEST(Traceparent, KeepsTheIdsAsTheyAre) {
  const auto context = parse_trace_context(1, kTraceparent, {});
  ASSERT_TRUE(context);
  EXPECT_EQ(to_hex(context->trace_id), "a1b2c3d4e5f60718293a4b5c6d7e8f90");
  EXPECT_EQ(to_hex(context->parent), "0f1e2d3c4b5a6978");
  EXPECT_EQ(serialize_traceparent(context->trace_id, context->parent, context->flags), kTraceparent);
}

TEST(Traceparent, PassesOnOnlyTheFlagsItKnows) {
  const struct {
    const char* received;
    std::uint8_t flags;
    const char* sent;
  } cases[] = {{"00", 0, "00"}, {"01", 1, "01"}, {"02", 2, "02"}, {"03", 3, "03"}, {"04", 0, "00"}, {"ff", 3, "03"}};
  for (const auto& one : cases) {
    const std::string value = std::string(kTraceparent.substr(0, 53)) + one.received;
    const auto context = parse_trace_context(1, value, {});
    ASSERT_TRUE(context) << value;
    EXPECT_EQ(context->flags, one.flags) << value;
    EXPECT_EQ(serialize_traceparent(context->trace_id, context->parent, 0xfc | context->flags),
              std::string(kTraceparent.substr(0, 53)) + one.sent);
  }
}

TEST(Traceparent, IsInvalidWithOneByteMissingOrForeignAnywhere) {
  for (std::size_t i = 0; i < kTraceparent.size(); ++i) {
    EXPECT_FALSE(parse_trace_context(1, kTraceparent.substr(0, i), {})) << i;
    std::string foreign(kTraceparent);
    for (const char c : {'g', 'A', '.', '\0', '\x80'}) {
      foreign[i] = c;
      EXPECT_FALSE(parse_trace_context(1, foreign, {})) << i;
    }
  }
}

TEST(Traceparent, OfALaterVersionIsReadByTheRulesOfThisOne) {
  const std::string rest(kTraceparent.substr(2));
  for (const char* version : {"01", "cc", "fe"}) {
    EXPECT_TRUE(parse_trace_context(1, version + rest, {}));
    EXPECT_TRUE(parse_trace_context(1, version + rest + "-", {}));
    EXPECT_FALSE(parse_trace_context(1, version + rest + "0", {}));
    EXPECT_FALSE(parse_trace_context(1, version + rest + "," + version + rest, {}));
  }
}

TEST(Tracestate, LimitsKeysToTheirGrammar) {
  for (const std::string& key : {std::string("a"), std::string("0"), std::string("a-_*/@9"), std::string(256, 'z')})
    EXPECT_EQ(tracestate_of({key + "=1"}), key + "=1");
  for (const std::string& key : {std::string(), std::string("A"), std::string("_a"), std::string("-a"),
                                 std::string("@a"), std::string("a.b"), std::string("a b"), std::string(257, 'z')})
    EXPECT_EQ(tracestate_of({"ok=1," + key + "=1"}), "") << key;
}

TEST(Tracestate, LimitsValuesToTheirGrammar) {
  for (const std::string& value :
       {std::string("!"), std::string("~"), std::string("  two before"), std::string(256, 'v')})
    EXPECT_EQ(tracestate_of({"a=" + value}), "a=" + value);
  for (const std::string& value : {std::string(), std::string("a=b"), std::string("\x7f"), std::string("a\tb"),
                                   std::string("\xc3\xa9"), std::string(1, '\0'), std::string(257, 'v')})
    EXPECT_EQ(tracestate_of({"ok=1,a=" + value}), "") << value;
  EXPECT_EQ(tracestate_of({"a=b \t"}), "a=b");  // trailing white space is none of the value
  EXPECT_EQ(tracestate_of({"a"}), "");
}

TEST(Tracestate, CountsMembersAcrossFieldsAndNotEmptyOnes) {
  EXPECT_EQ(tracestate_of({members(32)}), members(32));
  EXPECT_EQ(tracestate_of({members(33)}), "");
  EXPECT_EQ(tracestate_of({members(32), "x=1"}), "");
  EXPECT_EQ(tracestate_of({",, \t," + members(32) + ",,", "", " "}), members(32));
  EXPECT_EQ(tracestate_of({members(32) + ",k0=again"}), "");  // duplicates are members too
}

TEST(Tracestate, KeepsTheLeftMostOfDuplicates) { EXPECT_EQ(tracestate_of({"a=1,b=2,a=3", "b=4,c=5"}), "a=1,b=2,c=5"); }

TEST(Tracestate, LosesWholeMembersWhenItIsTooLong) {
  const std::string small_a = "a=" + std::string(126, '1');  // 128: not yet large
  const std::string small_b = "b=" + std::string(126, '2');
  const std::string small_c = "c=" + std::string(126, '3');
  const std::string large_d = "d=" + std::string(127, '4');
  const std::string large_e = "e=" + std::string(127, '5');
  EXPECT_EQ(tracestate_of({small_a + "," + small_b + "," + small_c}), small_a + "," + small_b + "," + small_c);
  // 128 * 3 + 129 + 3 commas is 516, so the large one goes, wherever it stands.
  EXPECT_EQ(tracestate_of({large_d + "," + small_a + "," + small_b + "," + small_c}),
            small_a + "," + small_b + "," + small_c);
  // Of two large ones the right one goes first, and that is enough.
  EXPECT_EQ(tracestate_of({large_d + "," + small_a + "," + large_e + "," + small_b}),
            large_d + "," + small_a + "," + small_b);
  // Without large ones the right-most go.
  const std::string small_f = "f=" + std::string(126, '6');
  EXPECT_EQ(tracestate_of({small_a + "," + small_b + "," + small_c + "," + small_f}),
            small_a + "," + small_b + "," + small_c);
  // Exactly the limit stays.
  const std::string last = "g=" + std::string(512 - 3 * 129 - 2, '7');
  const std::string full = small_a + "," + small_b + "," + small_c + "," + last;
  ASSERT_EQ(full.size(), kTraceStateLimitBytes);
  EXPECT_EQ(tracestate_of({full}), full);
}

TEST(HttpContext, DropsATracestateWhoseLinesWereNotAllKept) {
  std::string head = "GET / HTTP/1.1\r\ntraceparent: " + std::string(kTraceparent) + "\r\n";
  std::string expected;
  for (std::size_t i = 0; i < HttpRequest::kMaxTracestates; ++i) {
    head += "tracestate: k" + std::to_string(i) + "=v\r\n";
    expected += (i > 0 ? ",k" : "k") + std::to_string(i) + "=v";
  }
  EXPECT_EQ(context_of(request_of(head + "\r\n"), default_propagators()).context.value().trace_state, expected);
  EXPECT_EQ(context_of(request_of(head + "tracestate: last=v\r\n\r\n"), default_propagators()).context.value().trace_state, "");
}

}  // namespace
}  // namespace suture

// What the propagation formats beside W3C's say, vector by vector; the order in which they are read; baggage.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "http_builder.h"
#include "trace/formats/baggage.h"
#include "trace/http_context.h"

namespace suture {
namespace {

constexpr const char* kTrace = "463ac35c9f6413ad48485a3953bb6124";
constexpr const char* kShort = "000000000000000048485a3953bb6124";
constexpr const char* kSpan = "a2fb4a1d1a96d312";

/// "trace-span-flags" as it is read from these fields by this format, or "none".
std::string read_by(Propagator propagator, const std::string& fields) {
  const CarriedContext carried = context_of(request_of("GET / HTTP/1.1\r\n" + fields + "\r\n"), {propagator});
  if (!carried.context) return "none";
  return to_hex(carried.context->trace_id) + "-" + to_hex(carried.context->parent) + "-" + std::to_string(carried.context->flags);
}

std::string context(const char* trace, const char* span, int flags) { return std::string(trace) + "-" + span + "-" + std::to_string(flags); }

struct Vector {
  const char* what;
  std::string fields;
  std::string expected;
};

void check(Propagator propagator, const std::vector<Vector>& vectors) {
  for (const Vector& vector : vectors) EXPECT_EQ(read_by(propagator, vector.fields), vector.expected) << vector.what;
}

TEST(B3, IsReadInBothForms) {
  const std::string ids = std::string(kTrace) + "-" + kSpan, multi = "X-B3-TraceId: " + std::string(kTrace) + "\r\nX-B3-SpanId: " + kSpan + "\r\n";
  check(Propagator::B3, {
      {"sampled", "b3: " + ids + "-1\r\n", context(kTrace, kSpan, 1)},
      {"not sampled", "b3: " + ids + "-0\r\n", context(kTrace, kSpan, 0)},
      {"debug is sampled", "b3: " + ids + "-d\r\n", context(kTrace, kSpan, 1)},
      {"with its parent's id", "b3: " + ids + "-1-05e3ac9a4f6e3b90\r\n", context(kTrace, kSpan, 1)},
      {"decision deferred", "b3: " + ids + "\r\n", context(kTrace, kSpan, 1)},
      {"trace id of 64 bits", "b3: 48485a3953bb6124-" + std::string(kSpan) + "-1\r\n", context(kShort, kSpan, 1)},
      {"a decision alone", "b3: 0\r\n", "none"},
      {"no trace", "b3: " + std::string(32, '0') + "-" + kSpan + "-1\r\n", "none"},
      {"no span", "b3: " + std::string(kTrace) + "-" + std::string(16, '0') + "-1\r\n", "none"},
      {"capitals", "b3: 463AC35C9F6413AD48485A3953BB6124-" + std::string(kSpan) + "-1\r\n", "none"},
      {"a trace id of 20 digits", "b3: 463ac35c9f6413ad4848-" + std::string(kSpan) + "-1\r\n", "none"},
      {"an unknown decision", "b3: " + ids + "-2\r\n", "none"},
      {"ends inside", "b3: " + ids + "-\r\n", "none"},
      {"a parent that is none", "b3: " + ids + "-1-05e3\r\n", "none"},
      {"more behind the parent", "b3: " + ids + "-1-05e3ac9a4f6e3b90-1\r\n", "none"},
      {"several fields", multi + "X-B3-Sampled: 1\r\n", context(kTrace, kSpan, 1)},
      {"several, dropped", multi + "x-b3-sampled: 0\r\n", context(kTrace, kSpan, 0)},
      {"several, in an old sender's words", multi + "x-b3-sampled: false\r\n", context(kTrace, kSpan, 0)},
      {"several, debug outweighs", multi + "x-b3-sampled: 0\r\nx-b3-flags: 1\r\n", context(kTrace, kSpan, 1)},
      {"several, deferred", multi, context(kTrace, kSpan, 1)},
      {"a decision alone", "x-b3-sampled: 1\r\n", "none"},
      {"a span of no trace", "x-b3-spanid: " + std::string(kSpan) + "\r\n", "none"},
      {"the single field outweighs", "b3: 48485a3953bb6124-" + std::string(kSpan) + "-0\r\n" + multi, context(kShort, kSpan, 0)},
      {"a single field that is none", "b3: x\r\n" + multi, context(kTrace, kSpan, 1)},
  });
}

TEST(Jaeger, IsReadWithAndWithoutLeadingZeros) {
  const std::string trace = kTrace, span = kSpan;
  check(Propagator::Jaeger, {
      {"sampled", "uber-trace-id: " + trace + ":" + span + ":0:1\r\n", context(kTrace, kSpan, 1)},
      {"not sampled", "uber-trace-id: " + trace + ":" + span + ":0:0\r\n", context(kTrace, kSpan, 0)},
      {"debug", "uber-trace-id: " + trace + ":" + span + ":0:2\r\n", context(kTrace, kSpan, 1)},
      {"flags of two digits", "uber-trace-id: " + trace + ":" + span + ":" + span + ":03\r\n", context(kTrace, kSpan, 1)},
      {"as in a URL", "uber-trace-id: " + trace + "%3A" + span + "%3a0%3A1\r\n", context(kTrace, kSpan, 1)},
      {"without leading zeros", "Uber-Trace-Id: 48485a3953bb6124:a1:0:1\r\n", context(kShort, "00000000000000a1", 1)},
      {"an odd count of digits", "uber-trace-id: abc:a1b:0:1\r\n", context("00000000000000000000000000000abc", "0000000000000a1b", 1)},
      {"capitals", "uber-trace-id: ABC:DEF:0:1\r\n", context("00000000000000000000000000000abc", "0000000000000def", 1)},
      {"no trace", "uber-trace-id: 0:a1:0:1\r\n", "none"},
      {"no span", "uber-trace-id: abc:0:0:1\r\n", "none"},
      {"a part is missing", "uber-trace-id: abc:a1:1\r\n", "none"},
      {"a part too many", "uber-trace-id: abc:a1:0:1:1\r\n", "none"},
      {"an empty part", "uber-trace-id: abc:a1::1\r\n", "none"},
      {"a trace id too long", "uber-trace-id: 1" + trace + ":a1:0:1\r\n", "none"},
      {"a span id too long", "uber-trace-id: abc:1" + span + ":0:1\r\n", "none"},
      {"no digits", "uber-trace-id: abg:a1:0:1\r\n", "none"},
      {"colons alone", "uber-trace-id: :::\r\n", "none"},
  });
}

TEST(Xray, IsReadInAnyOrder) {
  const std::string root = "Root=1-463ac35c-9f6413ad48485a3953bb6124", parent = std::string("Parent=") + kSpan;
  check(Propagator::Xray, {
      {"sampled", "X-Amzn-Trace-Id: " + root + ";" + parent + ";Sampled=1\r\n", context(kTrace, kSpan, 1)},
      {"not sampled", "X-Amzn-Trace-Id: " + root + ";" + parent + ";Sampled=0\r\n", context(kTrace, kSpan, 0)},
      {"decision asked for", "X-Amzn-Trace-Id: " + root + ";" + parent + ";Sampled=?\r\n", context(kTrace, kSpan, 1)},
      {"another order, white space, unknown keys", "x-amzn-trace-id: Self=1-x; " + parent + " ;Lineage=a:0 ; " + root + ";\r\n", context(kTrace, kSpan, 1)},
      {"of a load balancer", "x-amzn-trace-id: " + root + "\r\n", context(kTrace, "0000000000000000", 1)},
      {"no root", "x-amzn-trace-id: " + parent + ";Sampled=1\r\n", "none"},
      {"two roots", "x-amzn-trace-id: " + root + ";" + root + "\r\n", "none"},
      {"another version", "x-amzn-trace-id: Root=2-463ac35c-9f6413ad48485a3953bb6124\r\n", "none"},
      {"a root too short", "x-amzn-trace-id: Root=1-463ac35c-9f6413ad48485a3953bb612\r\n", "none"},
      {"a root of zeros", "x-amzn-trace-id: Root=1-00000000-000000000000000000000000\r\n", "none"},
      {"a parent that is none", "x-amzn-trace-id: " + root + ";Parent=53995c3f\r\n", "none"},
      {"a key without value", "x-amzn-trace-id: Root\r\n", "none"},
      {"separators alone", "x-amzn-trace-id: ;;=;\r\n", "none"},
  });
}

TEST(Datadog, IsReadWithTheHighHalfOfTheTrace) {
  const std::string trace = "x-datadog-trace-id: 5208512171318403364\r\n", parent = "x-datadog-parent-id: 11744061942159299346\r\n";
  check(Propagator::Datadog, {
      {"64 bits, kept", trace + parent + "x-datadog-sampling-priority: 1\r\n", context(kShort, kSpan, 1)},
      {"kept by the user", trace + parent + "x-datadog-sampling-priority: 2\r\n", context(kShort, kSpan, 1)},
      {"dropped", trace + parent + "x-datadog-sampling-priority: 0\r\n", context(kShort, kSpan, 0)},
      {"dropped by the user", trace + parent + "x-datadog-sampling-priority: -1\r\n", context(kShort, kSpan, 0)},
      {"undecided", trace + parent, context(kShort, kSpan, 1)},
      {"128 bits", trace + parent + "x-datadog-tags: _dd.p.dm=-1,_dd.p.tid=463ac35c9f6413ad\r\n", context(kTrace, kSpan, 1)},
      {"a high half that is none", trace + parent + "x-datadog-tags: _dd.p.tid=463ac35c9f6413aX\r\n", context(kShort, kSpan, 1)},
      {"a tag of a longer name", trace + parent + "x-datadog-tags: _dd.p.tid2=463ac35c9f6413ad\r\n", context(kShort, kSpan, 1)},
      {"no parent", trace, context(kShort, "0000000000000000", 1)},
      {"no trace", parent, "none"},
      {"trace 0", "x-datadog-trace-id: 0\r\n" + parent, "none"},
      {"beyond 64 bits", "x-datadog-trace-id: 18446744073709551616\r\n" + parent, "none"},
      {"negative", "x-datadog-trace-id: -1\r\n" + parent, "none"},
      {"hex", "x-datadog-trace-id: 48485a3953bb6124\r\n" + parent, "none"},
      {"a parent that is none", trace + "x-datadog-parent-id: x\r\n", "none"},
  });
}

TEST(Propagators, AreReadInTheirOrderAndConflictsAreKept) {
  const std::string w3c = "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03\r\n";
  const std::string b3 = "b3: " + std::string(kTrace) + "-" + kSpan + "-1\r\n", jaeger = "uber-trace-id: " + std::string(kTrace) + ":a1:0:1\r\n";
  const HttpRequest request = request_of("GET / HTTP/1.1\r\n" + w3c + b3 + jaeger + "\r\n");
  const auto read = [&](const char* list, const HttpRequest& from) {
    std::vector<std::string> warnings;
    const CarriedContext carried = context_of(from, propagators_from(std::string_view(list), warnings));
    std::string text = carried.context ? to_hex(carried.context->parent) : "none";
    for (const TraceContext& other : carried.others) text += " " + to_hex(other.parent);
    return text;
  };
  EXPECT_EQ(read("tracecontext,baggage", request), "00f067aa0ba902b7");
  EXPECT_EQ(read("b3,tracecontext", request), "a2fb4a1d1a96d312 00f067aa0ba902b7");
  EXPECT_EQ(read("tracecontext,b3,jaeger", request), "00f067aa0ba902b7 a2fb4a1d1a96d312");  // one of a trace is enough
  EXPECT_EQ(read("jaeger, b3multi ,b3", request), "00000000000000a1");
  EXPECT_EQ(read("b3,none", request), "none");
  EXPECT_EQ(read("datadog,tracecontext", request), "00f067aa0ba902b7");
  // Who sends the same trace twice, once in 64 bits, contradicts nothing.
  const HttpRequest twice = request_of("GET / HTTP/1.1\r\n" + b3 + "x-datadog-trace-id: 5208512171318403364\r\nx-datadog-parent-id: 7\r\n\r\n");
  EXPECT_EQ(read("b3,datadog", twice), "a2fb4a1d1a96d312");
}

TEST(Propagators, WarnOfNamesThatAreNotKnown) {
  std::vector<std::string> warnings;
  EXPECT_EQ(propagators_from(std::string_view("ottrace,b3"), warnings), Propagators{Propagator::B3});
  EXPECT_EQ(warnings.size(), 1u);
  EXPECT_EQ(propagators_from(std::string_view("B3"), warnings), default_propagators());
  EXPECT_EQ(warnings.size(), 2u);
  for (const char* unset : {"", " ", ","}) EXPECT_EQ(propagators_from(std::string_view(unset), warnings), default_propagators());
  EXPECT_EQ(propagators_from(std::string_view("none"), warnings), Propagators{});
  EXPECT_EQ(warnings.size(), 2u);
}

TEST(Baggage, GivesOnlyTheKeysThatAreAskedFor) {
  const auto select = [](std::vector<std::string> fields, const std::vector<std::string>& keys) {
    const std::vector<std::string_view> views(fields.begin(), fields.end());
    return select_baggage(views, keys);
  };
  const std::string field = "user=Am%C3%A9lie ; secret=1 , tenant = acme,broken,=x,bad key=1,quoted=\"1\",empty=";
  EXPECT_EQ(select({field}, {}), "");
  EXPECT_EQ(select({field}, {"tenant", "other"}), "tenant=acme");
  EXPECT_EQ(select({field}, {"*"}), "user=Am%C3%A9lie,tenant=acme,empty=");
  EXPECT_EQ(select({"a=1,b=2", "a=3,c=4"}, {"c", "a"}), "a=1,c=4");
  EXPECT_EQ(select({std::string(180, ',') + "a=1"}, {"*"}), "");
  EXPECT_EQ(select({"a=1,b=" + std::string(9000, 'b')}, {"*"}), "a=1");
  const HttpRequest request = request_of("GET / HTTP/1.1\r\nbaggage: a=1\r\nBaggage: b=2\r\n\r\n");
  EXPECT_EQ(baggage_of(request, default_propagators(), {"*"}), "a=1,b=2");
  EXPECT_EQ(baggage_of(request, {Propagator::TraceContext}, {"*"}), "");
}

}  // namespace
}  // namespace suture

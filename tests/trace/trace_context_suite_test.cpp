// Every case of the public conformance suite of W3C Trace Context (github.com/w3c/trace-context, test/test.py, 41 cases
// at level 2), as vectors of our own. The suite watches the headers that a service sends on; a passive agent is asked
// the same of its spans: which trace they join, under which parent, with which tracestate.

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "http_builder.h"
#include "trace/http_context.h"
#include "trace/id_source.h"
#include "trace/span_id.h"

namespace suture {
namespace {

const std::string kTrace = "a1b2c3d4e5f60718293a4b5c6d7e8f90";
const std::string kParent = "0f1e2d3c4b5a6978";
constexpr IdKey kKey{{1}};

std::string traceparent(const std::string& version, const std::string& trace, const std::string& parent,
                        const std::string& flags) {
  return version + "-" + trace + "-" + parent + "-" + flags;
}
const std::string kValid = traceparent("00", kTrace, kParent, "01");

using Fields = std::vector<std::string>;  // header lines

Fields with_state(std::vector<std::string> values) {
  Fields fields{"traceparent: " + kValid};
  for (const std::string& value : values) fields.push_back("tracestate: " + value);
  return fields;
}

struct Vector {
  int suite_case;  // 1..41, in the order of the suite
  const char* about;
  Fields fields;
  bool joins;  // the sender's trace; else a new one
  std::string trace_state = {};
};

TraceContext context_of(const Fields& fields, IdSource& ids) {
  std::string head = "GET / HTTP/1.1\r\n";
  for (const std::string& field : fields) head += field + "\r\n";
  return join_or_start_trace(context_of(request_of(head + "\r\n"), default_propagators()).context, ids);
}

std::vector<Vector> vectors() {
  const auto parent_header = [](const std::string& value) { return Fields{"traceparent: " + value}; };
  const std::string all_key_characters = "abcdefghijklmnopqrstuvwxyz0123456789_-*/";
  std::string all_value_characters;
  for (char c = 0x20; c < 0x7f; ++c)
    if (c != ',' && c != '=') all_value_characters += c;
  std::vector<std::string> quarters{"", "", "", ""};
  std::string thirty_two;
  for (int i = 0; i < 32; ++i) {
    const std::string member = "m" + std::to_string(i) + "=" + std::to_string(i);
    quarters[static_cast<std::size_t>(i / 8)] += (i % 8 ? "," : "") + member;
    thirty_two += (i ? "," : "") + member;
  }
  const std::string long_key(256, 'q');

  return {
      {1, "neither header", {}, false},
      {2, "traceparent alone", parent_header(kValid), true},
      {3,
       "two different traceparents",
       {"traceparent: " + kValid, "traceparent: " + traceparent("00", "b" + kTrace.substr(1), kParent, "01")},
       false},
      {3, "the same traceparent twice", {"traceparent: " + kValid, "traceparent: " + kValid}, false},
      {4, "a dash in the header's name", {"trace-parent: " + kValid}, false},
      {4, "a dot in the header's name", {"trace.parent: " + kValid}, false},
      {5, "header name in camel case", {"TraceParent: " + kValid}, true},
      {5, "header name in mixed case", {"tRaCePaReNt: " + kValid}, true},
      {5, "header name in capitals", {"TRACEPARENT: " + kValid}, true},
      {6, "version 00 with a dot behind", parent_header(kValid + "."), false},
      {6, "version 00 with a fifth field", parent_header(kValid + "-more"), false},
      {7, "version cc", parent_header(traceparent("cc", kTrace, kParent, "01")), true},
      {7, "version cc with a fifth field", parent_header(traceparent("cc", kTrace, kParent, "01-more-to-come")), true},
      {7, "version cc with a dot behind", parent_header(traceparent("cc", kTrace, kParent, "01.more-to-come")), false},
      {8, "version ff", parent_header(traceparent("ff", kTrace, kParent, "01")), false},
      {9, "no digit at the version's start", parent_header(traceparent(".0", kTrace, kParent, "01")), false},
      {9, "no digit at the version's end", parent_header(traceparent("0.", kTrace, kParent, "01")), false},
      {10, "version of three digits", parent_header(traceparent("000", kTrace, kParent, "01")), false},
      {10, "version of four digits", parent_header(traceparent("0000", kTrace, kParent, "01")), false},
      {11, "version of one digit", parent_header(traceparent("0", kTrace, kParent, "01")), false},
      {12, "trace id all zero", parent_header(traceparent("00", std::string(32, '0'), kParent, "01")), false},
      {13, "no digit at the trace id's start", parent_header(traceparent("00", "." + kTrace.substr(1), kParent, "01")),
       false},
      {13, "no digit at the trace id's end",
       parent_header(traceparent("00", kTrace.substr(0, 31) + ".", kParent, "01")), false},
      {13, "trace id in capitals", parent_header(traceparent("00", "A1B2C3D4E5F60718293A4B5C6D7E8F90", kParent, "01")),
       false},
      {14, "trace id too long", parent_header(traceparent("00", kTrace + "1", kParent, "01")), false},
      {15, "trace id too short", parent_header(traceparent("00", kTrace.substr(1), kParent, "01")), false},
      {16, "parent id all zero", parent_header(traceparent("00", kTrace, std::string(16, '0'), "01")), false},
      {17, "no digit at the parent id's start", parent_header(traceparent("00", kTrace, "." + kParent.substr(1), "01")),
       false},
      {17, "no digit at the parent id's end",
       parent_header(traceparent("00", kTrace, kParent.substr(0, 15) + ".", "01")), false},
      {18, "parent id too long", parent_header(traceparent("00", kTrace, kParent + "1", "01")), false},
      {19, "parent id too short", parent_header(traceparent("00", kTrace, kParent.substr(1), "01")), false},
      {20, "no digit at the flags' start", parent_header(traceparent("00", kTrace, kParent, ".1")), false},
      {20, "no digit at the flags' end", parent_header(traceparent("00", kTrace, kParent, "0.")), false},
      {21, "flags too long", parent_header(traceparent("00", kTrace, kParent, "001")), false},
      {22, "flags too short", parent_header(traceparent("00", kTrace, kParent, "1")), false},
      {23, "space before traceparent", {"traceparent:  " + kValid}, true},
      {23, "tab before traceparent", {"traceparent:\t" + kValid}, true},
      {23, "space behind traceparent", {"traceparent: " + kValid + " "}, true},
      {23, "tab behind traceparent", {"traceparent: " + kValid + "\t"}, true},
      {23, "both around traceparent", {"traceparent: \t " + kValid + " \t "}, true},
      {24, "tracestate of one member alone", {"tracestate: here=1"}, false},
      {24, "tracestate of two members alone", {"tracestate: here=1,there=2"}, false},
      {25, "both headers", with_state({"here=1,there=2"}), true, "here=1,there=2"},
      {26, "a dash in tracestate's name", {"traceparent: " + kValid, "trace-state: here=1"}, true},
      {26, "a dot in tracestate's name", {"traceparent: " + kValid, "trace.state: here=1"}, true},
      {27, "tracestate's name in camel case", {"traceparent: " + kValid, "TraceState: here=1"}, true, "here=1"},
      {27, "tracestate's name in mixed case", {"traceparent: " + kValid, "tRaCeStAtE: here=1"}, true, "here=1"},
      {27, "tracestate's name in capitals", {"traceparent: " + kValid, "TRACESTATE: here=1"}, true, "here=1"},
      {28, "empty tracestate", with_state({""}), true},
      {28, "empty tracestate behind a full one", with_state({"here=1", ""}), true, "here=1"},
      {28, "empty tracestate before a full one", with_state({"", "here=1"}), true, "here=1"},
      {29, "three tracestates", with_state({"here=1,there=2", "north=3,south=4", "up=5"}), true,
       "here=1,there=2,north=3,south=4,up=5"},
      {30, "a member twice", with_state({"here=1,here=1"}), true, "here=1"},
      {30, "a key twice", with_state({"here=1,here=2"}), true, "here=1"},
      {30, "a member twice in two fields", with_state({"here=1", "here=1"}), true, "here=1"},
      {30, "a key twice in two fields", with_state({"here=1", "here=2"}), true, "here=1"},
      {31, "every character of a simple key and a value", with_state({all_key_characters + "=" + all_value_characters}),
       true, all_key_characters + "=" + all_value_characters},
      {31, "every character of a key with an at sign",
       with_state({all_key_characters + "@a-z0-9_-*/=" + all_value_characters}), true,
       all_key_characters + "@a-z0-9_-*/=" + all_value_characters},
      {32, "spaces and tabs around commas", with_state({"here=1 \t , \t there=2, \t up=3"}), true,
       "here=1,there=2,up=3"},
      {32, "tabs and spaces around commas", with_state({"here=1\t \t,\t \tthere=2,\t \tup=3"}), true,
       "here=1,there=2,up=3"},
      {32, "space before tracestate", with_state({" here=1"}), true, "here=1"},
      {32, "tab before tracestate", with_state({"\there=1"}), true, "here=1"},
      {32, "space behind tracestate", with_state({"here=1 "}), true, "here=1"},
      {32, "tab behind tracestate", with_state({"here=1\t"}), true, "here=1"},
      {32, "both around tracestate", with_state({"\t here=1 \t"}), true, "here=1"},
      {33, "space in a key", with_state({"here =1"}), true},
      {33, "capitals in a key", with_state({"HERE=1"}), true},
      {33, "dot in a key", with_state({"here.there=1"}), true},
      {34, "at sign at a key's end", with_state({"here@=1,there=2"}), true, "here@=1,there=2"},
      {34, "at sign at a key's start", with_state({"@here=1,there=2"}), true},
      {34, "two at signs in a row", with_state({"here@@there=1,up=2"}), true, "here@@there=1,up=2"},
      {34, "two at signs apart", with_state({"here@there@up=1,up=2"}), true, "here@there@up=1,up=2"},
      {35, "32 members in four fields", with_state(quarters), true, thirty_two},
      {35, "33 members in five fields", with_state({quarters[0], quarters[1], quarters[2], quarters[3], "m32=32"}),
       true},
      {36, "key of 256 characters", with_state({"here=1", long_key + "=1"}), true, "here=1," + long_key + "=1"},
      {36, "key of 257 characters", with_state({"here=1", long_key + "q=1"}), true},
      {36, "tenant of 241 characters",
       with_state({"here=1", std::string(241, 't') + "@" + std::string(14, 'v') + "=1"}), true,
       "here=1," + std::string(241, 't') + "@" + std::string(14, 'v') + "=1"},
      {36, "tenant of 242 characters", with_state({"here=1", std::string(242, 't') + "@v=1"}), true,
       "here=1," + std::string(242, 't') + "@v=1"},
      {36, "system of 15 characters", with_state({"here=1", "t@" + std::string(15, 'v') + "=1"}), true,
       "here=1,t@" + std::string(15, 'v') + "=1"},
      {37, "equals sign in a value", with_state({"here=1=2"}), true},
      {37, "empty value", with_state({"here=,there=3"}), true},
  };
}

TEST(TraceContextSuite, JoinsOrRestartsAsEachVectorSays) {
  SeededIdSource ids(kKey);
  std::set<TraceId> started;
  for (const Vector& vector : vectors()) {
    SCOPED_TRACE(vector.about);
    const TraceContext context = context_of(vector.fields, ids);
    EXPECT_EQ(context.trace_state, vector.trace_state);
    if (vector.joins) {
      EXPECT_EQ(to_hex(context.trace_id), kTrace);
      EXPECT_EQ(to_hex(context.parent), kParent);
      EXPECT_EQ(context.flags, kTraceFlagSampled);
    } else {
      EXPECT_TRUE(context.trace_id.valid());
      EXPECT_NE(to_hex(context.trace_id), kTrace);
      EXPECT_FALSE(context.parent.valid());
      EXPECT_TRUE(started.insert(context.trace_id).second);
    }
  }
}

/// A request in, and three out at different positions of another connection: the suite's "advanced" cases.
std::set<SpanId> outgoing_spans() {
  std::set<SpanId> spans;
  for (std::uint64_t position : {0u, 310u, 620u}) spans.insert(derive_span_id(kKey, 7, 8, position, SpanKind::Client));
  return spans;
}

TEST(TraceContextSuite, GivesEachOutgoingRequestASpanOfItsOwnInTheSendersTrace) {  // case 38
  SeededIdSource ids(kKey);
  const TraceContext context = context_of({"traceparent: " + kValid}, ids);
  EXPECT_EQ(to_hex(context.trace_id), kTrace);
  EXPECT_EQ(outgoing_spans().size(), 3u);
  EXPECT_FALSE(outgoing_spans().count(context.parent));
}

TEST(TraceContextSuite, GivesEachOutgoingRequestASpanOfItsOwnWithoutASender) {  // case 39
  SeededIdSource ids(kKey);
  EXPECT_TRUE(context_of({}, ids).trace_id.valid());
  EXPECT_EQ(outgoing_spans().size(), 3u);
}

TEST(TraceContextSuite, NeverTakesOverAnInvalidTraceId) {  // case 40
  SeededIdSource ids(kKey);
  const Fields invalid{"traceparent: " + traceparent("00", std::string(32, '0'), kParent, "01")};
  std::set<TraceId> traces;
  for (int i = 0; i < 3; ++i) traces.insert(context_of(invalid, ids).trace_id);
  EXPECT_EQ(traces.size(), 3u);
  EXPECT_FALSE(traces.count(TraceId{}));
}

TEST(TraceContextSuite, PropagatesTheRandomFlagAsItCame) {  // case 41
  SeededIdSource ids(kKey);
  const auto flags_of = [&](const char* flags) {
    return context_of({"traceparent: " + traceparent("00", kTrace, kParent, flags)}, ids).flags;
  };
  EXPECT_EQ(flags_of("02"), kTraceFlagRandom);
  EXPECT_EQ(flags_of("01"), kTraceFlagSampled);
}

TEST(TraceContextSuite, HasAVectorForEveryCase) {
  std::set<int> covered{38, 39, 40, 41};  // the four tests above
  for (const Vector& vector : vectors()) covered.insert(vector.suite_case);
  for (int i = 1; i <= 41; ++i) EXPECT_TRUE(covered.count(i)) << i;
}

}  // namespace
}  // namespace suture

// Every case of the public conformance suite of W3C Trace Context (w3c_vectors.tsv says which). The suite watches the headers that a service sends on; a passive agent is asked
// the same of its spans: which trace they join, under which parent, with which tracestate.

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "http_builder.h"
#include "trace/http_context.h"
#include "trace/id_source.h"
#include "trace/span_id.h"

namespace suture {
namespace {

const std::string kSentTrace = "a1b2c3d4e5f60718293a4b5c6d7e8f90";
const std::string kParent = "0f1e2d3c4b5a6978";
constexpr IdKey kSeed{{1}};

std::string traceparent(const std::string& version, const std::string& trace, const std::string& parent,
                        const std::string& flags) {
  return version + "-" + trace + "-" + parent + "-" + flags;
}
const std::string kValid = traceparent("00", kSentTrace, kParent, "01");

using Fields = std::vector<std::string>;  // header lines

struct SuiteVector {
  int suite_case;  // 1..41, in the order of the suite
  std::string about;
  Fields fields;
  bool joins;  // the sender's trace; else a new one
  std::string trace_state = {};
};

TraceContext context_of(const Fields& fields, IdSource& ids) {
  std::string head = "GET / HTTP/1.1\r\n";
  for (const std::string& field : fields) head += field + "\r\n";
  return join_or_start_trace(context_of(request_of(head + "\r\n"), default_propagators()).context, ids);
}

std::string unescaped(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') out += text[i];
    else out += text.at(++i) == 't' ? '\t' : text[i];
  }
  return out;
}

/// Lines of W3C_VECTORS, which says what is in them.
std::vector<SuiteVector> vectors() {
  std::vector<SuiteVector> vectors;
  std::ifstream file(W3C_VECTORS);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    std::vector<std::string> words;
    std::istringstream columns(line + '\t');
    for (std::string word; std::getline(columns, word, '\t');) words.push_back(unescaped(word));
    vectors.push_back({std::stoi(words.at(0)), words.at(1), {words.begin() + 4, words.end()}, words.at(2) == "joins", words.at(3)});
  }
  return vectors;
}

TEST(TraceContextSuite, JoinsOrRestartsAsEachVectorSays) {
  SeededIdSource ids(kSeed);
  std::set<TraceId> started;
  for (const SuiteVector& vector : vectors()) {
    SCOPED_TRACE(vector.about);
    const TraceContext context = context_of(vector.fields, ids);
    EXPECT_EQ(context.trace_state, vector.trace_state);
    if (vector.joins) {
      EXPECT_EQ(to_hex(context.trace_id), kSentTrace);
      EXPECT_EQ(to_hex(context.parent), kParent);
      EXPECT_EQ(context.flags, kTraceFlagSampled);
    } else {
      EXPECT_TRUE(context.trace_id.valid());
      EXPECT_NE(to_hex(context.trace_id), kSentTrace);
      EXPECT_FALSE(context.parent.valid());
      EXPECT_TRUE(started.insert(context.trace_id).second);
    }
  }
}

/// A request in, and three out at different positions of another connection: the suite's "advanced" cases.
std::set<SpanId> outgoing_spans() {
  std::set<SpanId> spans;
  for (std::uint64_t position : {0u, 310u, 620u}) spans.insert(derive_span_id(kSeed, 7, 8, position, SpanKind::Client));
  return spans;
}

TEST(TraceContextSuite, GivesEachOutgoingRequestASpanOfItsOwnInTheSendersTrace) {  // case 38
  SeededIdSource ids(kSeed);
  const TraceContext context = context_of({"traceparent: " + kValid}, ids);
  EXPECT_EQ(to_hex(context.trace_id), kSentTrace);
  EXPECT_EQ(outgoing_spans().size(), 3u);
  EXPECT_FALSE(outgoing_spans().count(context.parent));
}

TEST(TraceContextSuite, GivesEachOutgoingRequestASpanOfItsOwnWithoutASender) {  // case 39
  SeededIdSource ids(kSeed);
  EXPECT_TRUE(context_of({}, ids).trace_id.valid());
  EXPECT_EQ(outgoing_spans().size(), 3u);
}

TEST(TraceContextSuite, NeverTakesOverAnInvalidTraceId) {  // case 40
  SeededIdSource ids(kSeed);
  const Fields invalid{"traceparent: " + traceparent("00", std::string(32, '0'), kParent, "01")};
  std::set<TraceId> traces;
  for (int i = 0; i < 3; ++i) traces.insert(context_of(invalid, ids).trace_id);
  EXPECT_EQ(traces.size(), 3u);
  EXPECT_FALSE(traces.count(TraceId{}));
}

TEST(TraceContextSuite, PropagatesTheRandomFlagAsItCame) {  // case 41
  SeededIdSource ids(kSeed);
  const auto flags_of = [&](const char* flags) {
    return context_of({"traceparent: " + traceparent("00", kSentTrace, kParent, flags)}, ids).flags;
  };
  EXPECT_EQ(flags_of("02"), kTraceFlagRandom);
  EXPECT_EQ(flags_of("01"), kTraceFlagSampled);
}

TEST(TraceContextSuite, HasAVectorForEveryCase) {
  std::set<int> covered{38, 39, 40, 41};  // the four tests above
  for (const SuiteVector& vector : vectors()) covered.insert(vector.suite_case);
  for (int i = 1; i <= 41; ++i) EXPECT_TRUE(covered.count(i)) << i;
}

}  // namespace
}  // namespace suture

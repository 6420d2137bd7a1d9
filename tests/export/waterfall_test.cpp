// Golden texts of the waterfall: what a person sees, with and without colour.

#include "export/console/waterfall.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "export/console/terminal_text.h"
#include "sample.h"

namespace suture {
namespace {

constexpr std::int64_t kUs = 1'000;

/// A span of the trace `test::trace_id(1)` that begins and ends so many microseconds after its start.
Span span_at(std::uint8_t id, std::uint8_t parent, SpanKind kind, std::int64_t begin_us, std::int64_t end_us) {
  Span span;
  span.trace_id = test::trace_id(1);
  span.span_id = test::span_id(id);
  if (parent != 0) span.parent_id = test::span_id(parent);
  span.kind = kind;
  span.start_unix_ns = test::kStart + begin_us * kUs;
  span.end_unix_ns = test::kStart + end_us * kUs;
  span.name = "GET";
  return span;
}

Span with_status(Span span, std::int64_t status) {
  span.attributes.add(AttributeKey::HttpResponseStatusCode, status);
  if (status >= 500) span.status = SpanStatus::Error;
  return span;
}
Span with_text(Span span, AttributeKey key, std::string_view text) {
  span.attributes.add(key, text);
  return span;
}

FinishedTrace trace_of(std::vector<std::pair<Span, std::string>> spans) {
  FinishedTrace trace;
  for (const auto& [span, service] : spans) trace.rows.push_back(to_row(span, service));
  trace.complete = is_complete(trace.rows);
  return trace;
}

FinishedTrace curl_and_python() {
  return trace_of({
      {with_text(with_status(span_at(2, 1, SpanKind::Server, 300, 3'200), 200), AttributeKey::UrlPath, "/hello"),
       "python3"},
      {with_text(with_status(span_at(1, 0, SpanKind::Client, 0, 3'400), 200), AttributeKey::UrlFull,
                 "http://127.0.0.1:8000/hello?x=1"),
       "curl"},
  });
}

FinishedTrace shop() {
  return trace_of({
      {with_text(with_status(span_at(1, 0, SpanKind::Server, 0, 48'000), 502), AttributeKey::UrlPath, "/checkout"),
       "nginx"},
      {with_text(with_status(span_at(2, 1, SpanKind::Client, 400, 47'500), 502), AttributeKey::UrlFull,
                 "http://orders:8080/checkout"),
       "nginx"},
      {with_text(with_status(span_at(3, 2, SpanKind::Server, 900, 47'000), 502), AttributeKey::UrlPath, "/checkout"),
       "orders"},
      {with_text(with_status(span_at(4, 3, SpanKind::Client, 2'000, 14'000), 404), AttributeKey::UrlFull,
                 "http://stock.internal:9000/items/42"),
       "orders"},
      {[] {
         Span span = span_at(5, 3, SpanKind::Client, 15'000, 45'000);
         span.name = "POST";
         span.status = SpanStatus::Error;
         span.attributes.add(AttributeKey::UrlFull,
                             "http://payments.example.com/v2/charges/authorize/with/a/long/path");
         span.attributes.add(AttributeKey::ErrorType, "timeout");
         span.attributes.add(AttributeKey::SutureLinkConfidence, 0.6);
         return span;
       }(),
       "orders"},
  });
}

std::string plain(const FinishedTrace& trace, int columns = 100) { return draw_trace(trace, {.columns = columns}); }

/// Escape sequences by name, so that the golden text can be read.
std::string named_colors(std::string text) {
  const std::pair<std::string, std::string> names[] = {
      {"\x1b[0m", ">"},        {"\x1b[1m", "<bold "},    {"\x1b[2m", "<dim "},   {"\x1b[31m", "<red "},
      {"\x1b[32m", "<green "}, {"\x1b[33m", "<yellow "}, {"\x1b[34m", "<blue "}, {"\x1b[35m", "<magenta "},
      {"\x1b[36m", "<cyan "},  {"\x1b[1;31m", "<RED "},
  };
  for (const auto& [sequence, name] : names)
    for (auto at = text.find(sequence); at != std::string::npos; at = text.find(sequence))
      text.replace(at, sequence.size(), name);
  return text;
}

TEST(Waterfall, DrawsTheTwoEndsOfOneRequest) {
  EXPECT_EQ(plain(curl_and_python()), R"(trace 4bf92f3577b34da6a3ce929d0e0e4701  2 spans  3.4 ms
  curl       → GET /hello  200   3.4 ms  ████████████████████████████████████████
  └ python3  ← GET /hello  200   2.9 ms     ██████████████████████████████████▋

)");
}

TEST(Waterfall, DrawsATreeOfServicesWithFailuresAndLikelyLinks) {
  EXPECT_EQ(plain(shop()), R"(trace 4bf92f3577b34da6a3ce929d0e0e4701  5 spans  48.0 ms  ~ likely link
  nginx           ← GET /checkout                                 502      48.0 ms  ████████████████
  └ nginx         → GET /checkout                                 502      47.1 ms  ███████████████▊
    └ orders      ← GET /checkout                                 502      46.1 ms  ███████████████▋
      ├ orders    → GET stock.internal:9000/items/42              404      12.0 ms  ████▋
      └ ~ orders  → POST payments.example.com/v2/charges/author…  timeout  30.0 ms       ██████████

)");
}

TEST(Waterfall, CutsWordsBeforeBarsOnANarrowTerminal) {
  EXPECT_EQ(plain(shop(), 72), R"(trace 4bf92f3577b34da6a3ce929d0e0e4701  5 spans  48.0 ms  ~ likely link
  nginx           ← GET /checkout         502      48.0 ms  ████████████
  └ nginx         → GET /checkout         502      47.1 ms  ███████████▉
    └ orders      ← GET /checkout         502      46.1 ms  ███████████▊
      ├ orders    → GET stock.internal:…  404      12.0 ms  ███▌
      └ ~ orders  → POST payments.examp…  timeout  30.0 ms     ████████▎

)");
}

TEST(Waterfall, ColoursServicesResultsAndFailures) {
  EXPECT_EQ(named_colors(draw_trace(shop(), {.columns = 80, .color = true})),
            R"(<bold trace ><dim 4bf92f3577b34da6a3ce929d0e0e4701>  5 spans  <bold 48.0 ms>  <yellow ~ likely link>
  <cyan nginx>           <dim ← >GET /checkout                <RED 502>      48.0 ms  <red █████████████>
  <dim └ ><cyan nginx>         <dim → >GET /checkout                <RED 502>      47.1 ms  <red ████████████▊>
  <dim   └ ><magenta orders>      <dim ← >GET /checkout                <RED 502>      46.1 ms  <red ████████████▋>
  <dim     ├ ><magenta orders>    <dim → >GET stock.internal:9000/it…  <yellow 404>      12.0 ms  <magenta ███▊>
  <dim     └ ><yellow ~ ><magenta orders>  <dim → >POST payments.example.com/…  <RED timeout>  30.0 ms  <red     ████████▏>

)");
}

TEST(Waterfall, ShowsTheSameTextWithAndWithoutColour) {
  std::string colored = draw_trace(shop(), {.columns = 100, .color = true});
  std::string stripped;
  for (std::size_t at = 0; at < colored.size(); ++at) {
    if (colored[at] == '\x1b')
      at = colored.find('m', at);
    else
      stripped.push_back(colored[at]);
  }
  EXPECT_EQ(stripped, plain(shop()));
}

TEST(Waterfall, SaysThatATraceIsIncompleteAndDrawsItsOrphans) {
  EXPECT_EQ(
      plain(trace_of({{span_at(3, 2, SpanKind::Server, 10, 20), "b"}, {span_at(1, 0, SpanKind::Client, 0, 30), "a"}}),
            60),
      R"(trace 4bf92f3577b34da6a3ce929d0e0e4701  2 spans  30.0 µs  incomplete
  a  → GET       30.0 µs  ██████████████████████████████████
  b  ← GET       10.0 µs             ███████████▋

)");
}

TEST(Waterfall, DrawsChildrenBesideEachOtherWithTheirBranches) {
  EXPECT_EQ(plain(trace_of({{span_at(1, 0, SpanKind::Server, 0, 90), "a"},
                            {span_at(2, 1, SpanKind::Client, 50, 80), "a"},
                            {span_at(3, 1, SpanKind::Client, 10, 40), "a"},
                            {span_at(4, 3, SpanKind::Server, 20, 30), "b"}}),
                  60),
            R"(trace 4bf92f3577b34da6a3ce929d0e0e4701  4 spans  90.0 µs
  a      ← GET       90.0 µs  ██████████████████████████████
  ├ a    → GET       30.0 µs     ██████████▎
  │ └ b  ← GET       10.0 µs        ████
  └ a    → GET       30.0 µs                  ██████████▋

)");
}

TEST(Waterfall, StaysWithinTheTerminalWhateverServicesAreCalled) {
  Span span = with_text(span_at(1, 0, SpanKind::Client, 0, 10), AttributeKey::UrlFull,
                        "http://h/" + std::string(5'000, 'p') + "\x1b[2J\n");
  span.name = "日本語\x1b]0;x\x07\r\n" + std::string(500, 'n');
  Span child = span_at(2, 1, SpanKind::Server, 2, 3);
  for (int columns : {0, 60, 80, 200, 10'000}) {
    const std::string text = plain(trace_of({{span, std::string(300, 's')}, {child, "\xFF\x1b[31m"}}), columns);
    const std::size_t width = static_cast<std::size_t>(std::clamp(columns, 60, 200));
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      EXPECT_LE(columns_of(text.substr(at, end - at)), width) << text;
      at = end + 1;
    }
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4) << text;
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
  }
}

TEST(Waterfall, SurvivesRingsDuplicatesDepthAndSize) {
  EXPECT_EQ(
      plain(trace_of({{span_at(1, 2, SpanKind::Server, 0, 1), "a"}, {span_at(2, 1, SpanKind::Server, 0, 1), "b"}}), 60),
      R"(trace 4bf92f3577b34da6a3ce929d0e0e4701  2 spans  1.0 µs  incomplete
  a    ← GET        1.0 µs  ████████████████████████████████
  └ b  ← GET        1.0 µs  ████████████████████████████████

)");
  const Span twin = span_at(1, 1, SpanKind::Server, 5, 1);  // its own parent, and ends before it starts
  const std::string twins = plain(trace_of({{twin, "a"}, {twin, "a"}}));
  EXPECT_EQ(std::count(twins.begin(), twins.end(), '\n'), 4) << twins;

  std::vector<std::pair<Span, std::string>> chain;
  for (int id = 1; id <= 250; ++id)
    chain.emplace_back(
        span_at(static_cast<std::uint8_t>(id), static_cast<std::uint8_t>(id - 1), SpanKind::Server, id, 1'000), "s");
  const std::string deep = plain(trace_of(chain));
  EXPECT_NE(deep.find("… 150 more spans\n"), std::string::npos) << deep;
}

TEST(Waterfall, TellsTheResultOfARequestWithoutAnAnswer) {
  Span reset = with_text(span_at(1, 0, SpanKind::Client, 0, 10), AttributeKey::ErrorType, "connection_reset");
  EXPECT_EQ(to_row(reset, "a").result, "connection_reset");
  EXPECT_EQ(to_row(span_at(1, 0, SpanKind::Client, 0, 10), "a").result, "");
  EXPECT_EQ(to_row(with_status(reset, 70'000), "a").result, "connection_reset") << "no status of HTTP";
}

TEST(Waterfall, ShowsNeitherPasswordsNorQueries) {
  const TraceRow row =
      to_row(with_text(span_at(1, 0, SpanKind::Client, 0, 1), AttributeKey::UrlFull, "http://u:p@h:1?q=1"), "a");
  EXPECT_EQ(row.authority, "h:1");
  EXPECT_EQ(row.path, "/");
}

TEST(Waterfall, DoesNotRepeatAPathThatTheNameHas) {
  Span span = with_text(span_at(1, 0, SpanKind::Server, 0, 1), AttributeKey::UrlPath, "/users/7");
  span.name = "GET /users/{id}";
  EXPECT_EQ(to_row(span, "a").path, "");
}

TEST(Waterfall, TakesAParentThatCameOffTheWireForARoot) {
  Span span = span_at(2, 1, SpanKind::Server, 0, 1);
  span.parent_is_remote = true;
  EXPECT_TRUE(trace_of({{span, "a"}}).complete);
}

}  // namespace
}  // namespace suture

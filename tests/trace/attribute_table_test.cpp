#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "http_builder.h"
#include "trace/http_span.h"
#include "trace/span_naming.h"

namespace suture {
namespace {

struct Row {
  std::string type;
  std::set<std::string> kinds;
  std::string stability;
};

std::map<std::string, Row> read_table() {
  std::map<std::string, Row> table;
  std::ifstream file(ATTRIBUTE_TABLE);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream columns(line);
    std::string name, kinds;
    Row row;
    std::getline(columns, name, '\t');
    std::getline(columns, row.type, '\t');
    std::getline(columns, kinds, '\t');
    std::getline(columns, row.stability, '\t');
    std::istringstream list(kinds);
    for (std::string kind; std::getline(list, kind, ',');) row.kinds.insert(kind);
    EXPECT_TRUE(table.emplace(name, row).second) << name << " stands twice";
  }
  return table;
}

const char* name_of(AttributeList::Entry::Type type) {
  switch (type) {
    case AttributeList::Entry::Type::Text:
      return "string";
    case AttributeList::Entry::Type::Integer:
      return "int";
    case AttributeList::Entry::Type::Double:
      return "double";
    case AttributeList::Entry::Type::Boolean:
      return "boolean";
  }
  return "?";
}

TEST(AttributeTable, HoldsExactlyTheKeysOfTheAgent) {
  std::map<std::string, Row> table = read_table();
  for (const std::string_view name : kAttributeNames) {
    const auto row = table.find(std::string(name));
    ASSERT_NE(row, table.end()) << name;
    EXPECT_EQ(row->second.stability == "own", name.starts_with("suture.")) << name;
    table.erase(row);
  }
  EXPECT_TRUE(table.empty()) << table.begin()->first;
}

/// Exchanges that together make describe_http say all it can.
std::vector<Exchange> talkative_exchanges() {
  std::vector<Exchange> all;
  for (const Direction direction : {Direction::Receive, Direction::Send}) {
    Exchange exchange = exchange_of(
        direction, "BREW http://u:p@pot:81/coffee?cups=2 HTTP/1.1\r\nHost: pot\r\nUser-Agent: x\r\n\r\n", 503);
    exchange.outcome = Outcome::Cut;
    exchange.end_confirmed = false;
    exchange.request.wait_ns = 7;
    auto& http = std::get<HttpExchange>(exchange.detail);
    http.request.truncated = true;
    http.request.body_bytes = http.response.body_bytes = 1;
    http.response.suspicious = true;
    all.push_back(exchange);
    std::get<HttpExchange>(exchange.detail).request.carrier = Carrier::FastCgi;
    all.push_back(exchange);
  }
  return all;
}

TEST(AttributeTable, AllowsWhatHttpSpansCarry) {
  const std::map<std::string, Row> table = read_table();
  Endpoints endpoints{AddressFamily::Inet, {127, 0, 0, 1}, {127, 0, 0, 1}, 81, 40000};
  std::vector<Span> spans;
  SpanNaming naming({.routes = {{"*", "/coffee"}}});
  for (AddressFamily family : {AddressFamily::Inet, AddressFamily::Unix}) {
    endpoints.family = family;
    for (const Exchange& exchange : talkative_exchanges()) {
      HttpSpanOptions options;
      describe_http(exchange, endpoints, options, spans.emplace_back());
      for (const AttributeList::Entry& entry : spans.back().attributes)
        EXPECT_NE(table.at(std::string(suture::name_of(entry.key))).stability, "development") << "nobody asked for it";
      options.body_sizes = true;
      describe_http(exchange, endpoints, options, spans.emplace_back());
      naming.apply(spans.back(), "shop");
    }
  }
  std::set<std::string> seen;
  for (const Span& span : spans) {
    std::set<std::string> of_this_span;
    for (const AttributeList::Entry& entry : span.attributes) {
      const std::string name(suture::name_of(entry.key));
      ASSERT_TRUE(table.count(name)) << name;
      EXPECT_EQ(table.at(name).type, name_of(entry.type)) << name;
      EXPECT_TRUE(table.at(name).kinds.count(span.kind == SpanKind::Server ? "server" : "client")) << name;
      EXPECT_TRUE(of_this_span.insert(name).second) << name << " stands twice";
    }
    seen.merge(of_this_span);
  }
  // The links are the linker's and the context is the joiner's; all else must have been said, or the test above proves nothing.
  const std::set<std::string> elsewhere{"suture.baggage", "suture.edge.id", "suture.observed", "suture.partial"};
  for (const auto& [name, row] : table) EXPECT_TRUE(seen.count(name) || name.starts_with("suture.link.") || elsewhere.count(name)) << name;
}

}  // namespace
}  // namespace suture

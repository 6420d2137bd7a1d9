#include "export/span_limits.h"

#include <gtest/gtest.h>

#include <map>

namespace suture {
namespace {

SpanLimits limits_of(const std::map<std::string, std::string>& variables) {
  Warnings warnings;
  return span_limits_from(
      [&](const char* name) -> const char* {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
      },
      warnings);
}

Span span_of(std::string_view path) {
  Span span;
  span.attributes.add(AttributeKey::UrlPath, path);
  span.attributes.add(AttributeKey::HttpResponseStatusCode, std::int64_t{200});
  return span;
}

TEST(SpanLimits, CutTextsByCharactersNotBytes) {
  Span span = span_of("/größe/1");
  limits_of({{"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "4"}}).apply(span);
  EXPECT_EQ(span.attributes.text(*span.attributes.begin()), "/grö");
  EXPECT_EQ(span.attributes.size(), 2u);
}

TEST(SpanLimits, CountWhatIsLeftOut) {
  Span span = span_of("/");
  limits_of({{"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "1"}, {"OTEL_ATTRIBUTE_COUNT_LIMIT", "2"}}).apply(span);
  EXPECT_EQ(span.attributes.size(), 1u);
  EXPECT_EQ(span.attributes.dropped(), 1u);
}

TEST(SpanLimits, ChangeNothingUnlessAskedTo) {
  Span span = span_of("/a/long/path");
  limits_of({}).apply(span);
  EXPECT_EQ(span.attributes.text(*span.attributes.begin()), "/a/long/path");
  EXPECT_EQ(span.attributes.dropped(), 0u);
}

}  // namespace
}  // namespace suture

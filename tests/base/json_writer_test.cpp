#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

namespace suture {
namespace {

std::string text(std::string_view value) {
  std::string out;
  JsonWriter(out).text(value);
  return out;
}

std::string number(double value) {
  std::string out;
  JsonWriter(out).number(value);
  return out;
}

TEST(JsonWriter, EscapesWhatJsonForbids) {
  EXPECT_EQ(text("plain"), R"("plain")");
  EXPECT_EQ(text("a\"b\\c/"), R"("a\"b\\c/")");
  EXPECT_EQ(text(std::string_view("\b\f\n\r\t\0\x1f\x7f", 8)), "\"\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\"");
  EXPECT_EQ(text("grün\xE9\""), "\"grün\uFFFD\\\"\"");
}

TEST(JsonWriter, WritesNumbersWithoutLoss) {
  EXPECT_EQ(number(0.9), "0.9");
  EXPECT_EQ(number(1e300), "1e+300");
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), R"("NaN")");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), R"("-Infinity")");
}

}  // namespace
}  // namespace suture

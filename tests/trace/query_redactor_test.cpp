#include "trace/query_redactor.h"

#include <gtest/gtest.h>

#include <string>

namespace suture {
namespace {

std::string redacted(const QueryRedactor& redactor, std::string_view query) {
  BoundedText text;
  redactor.append_redacted(query, text);
  return std::string(text.view());
}

TEST(QueryRedactor, HidesTheValuesOfSensitiveKeysOnly) {
  const struct {
    const char* query;
    const char* redacted;
  } cases[] = {
      {"", ""},
      {"color=blue", "color=blue"},
      {"color=blue&sig=s3cret", "color=blue&sig=REDACTED"},
      {"sig=s3cret&color=blue", "sig=REDACTED&color=blue"},
      {"sig=", "sig=REDACTED"},
      {"sig", "sig"},
      {"sig&a=b", "sig&a=b"},
      {"signal=green", "signal=green"},
      {"X-Amz-Signature=s3cret&X-Goog-Signature=s3cret", "X-Amz-Signature=REDACTED&X-Goog-Signature=REDACTED"},
      {"Sig=blue", "Sig=blue"},  // the convention's keys are case-sensitive
      {"ACCESS_TOKEN=s3cret", "ACCESS_TOKEN=REDACTED"},
      {"api%5Fkey=s3cret", "api%5Fkey=REDACTED"},
      {"api%zzkey=blue", "api%zzkey=blue"},
      {"user[password]=s3cret", "user[password]=REDACTED"},
      {"user%5Bpassword%5D=s3cret", "user%5Bpassword%5D=REDACTED"},
      {"token=s3=cr=et&a=b", "token=REDACTED&a=b"},
      {"a=b;token=s3cret&c=d", "a=b;token=REDACTED&c=d"},
      {"token=s3;cret;a=b&c=d", "token=REDACTED&c=d"},  // for most servers ";" is part of the value
      {"a=b&&&token=s3cret&", "a=b&&&token=REDACTED&"},
      {"=token&a==b", "=token&a==b"},
  };
  const QueryRedactor redactor;
  for (const auto& one : cases) EXPECT_EQ(redacted(redactor, one.query), one.redacted) << one.query;
}

TEST(QueryRedactor, TakesItsKeysFromTheOwner) {
  const QueryRedactor redactor({"Color"}, {"size"});
  EXPECT_EQ(redacted(redactor, "Color=1&color=2&SIZE=3&sig=4&token=5"),
            "Color=REDACTED&color=2&SIZE=REDACTED&sig=4&token=5");
}

TEST(QueryRedactor, PassesKeysOfAnyLength) {
  const std::string query = std::string(5000, 'k') + "=v&token=s3cret";
  EXPECT_EQ(redacted(QueryRedactor(), query), std::string(5000, 'k') + "=v&token=REDACTED");
}

TEST(BoundedText, EndsWhereNoCharacterIsSplit) {
  BoundedText text;
  text.append(std::string(kAttributeTextLimitBytes - 2, 'a'));
  text.append("\xe2\x82\xac");  // three bytes for two places
  text.append("b");             // would fit, but not behind the gap
  EXPECT_EQ(text.view(), std::string(kAttributeTextLimitBytes - 2, 'a'));
}

TEST(BoundedText, FillsUpToItsLimit) {
  BoundedText text;
  text.append(std::string(kAttributeTextLimitBytes - 1, 'a'));
  text.append("bc");
  EXPECT_EQ(text.view(), std::string(kAttributeTextLimitBytes - 1, 'a') + "b");
}

}  // namespace
}  // namespace suture

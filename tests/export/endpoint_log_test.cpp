#include "export/otlp/endpoint_log.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

using std::chrono::seconds;

TEST(EndpointLog, TellsTheFirstFailureAndTheRecoveryOnce) {
  EndpointLog log("jaeger", "http://c:4318/v1/traces", seconds{300});
  const EndpointLog::Clock::time_point start{};
  EXPECT_FALSE(log.answered(start)) << "nothing was wrong";

  const auto failure = log.failed("Connection refused", start);
  ASSERT_TRUE(failure);
  for (const char* part : {"jaeger: http://c:4318/v1/traces", "Connection refused", "300 s", "suture doctor"})
    EXPECT_NE(failure->find(part), std::string::npos) << *failure;
  EXPECT_FALSE(log.failed("Connection refused", start + seconds{100}));

  const auto recovery = log.answered(start + seconds{120});
  ASSERT_TRUE(recovery);
  EXPECT_NE(recovery->find("120 s"), std::string::npos) << *recovery;
  EXPECT_FALSE(log.answered(start + seconds{121}));
  EXPECT_TRUE(log.failed("again", start + seconds{130})) << "a new outage is news";
}

TEST(EndpointLog, TellsRefusalsOnceAMinuteWithAllSpansSince) {
  EndpointLog log("otlp", "u", seconds{300});
  const EndpointLog::Clock::time_point start{};
  const auto first = log.refused("status 401", 401, 10, start);
  ASSERT_TRUE(first);
  EXPECT_NE(first->find("10 spans"), std::string::npos) << *first;
  EXPECT_NE(first->find("OTEL_EXPORTER_OTLP_HEADERS"), std::string::npos) << *first;
  EXPECT_FALSE(log.refused("status 401", 401, 5, start + seconds{59}));
  const auto later = log.refused("status 401", 401, 5, start + seconds{60});
  ASSERT_TRUE(later);
  EXPECT_NE(later->find("10 spans"), std::string::npos) << *later;
}

}  // namespace
}  // namespace suture

#include "export/exporter_choice.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

TEST(ExporterChoice, FollowsTheVariables) {
  struct Case {
    const char* exporter;
    const char* disabled;
    bool otlp, otlp_by_name, zipkin, console;
    std::size_t warnings;
  };
  for (const Case& test_case : {
           Case{nullptr, nullptr, true, false, false, false, 0},
           Case{"", "", true, false, false, false, 0},
           Case{"otlp", nullptr, true, true, false, false, 0},
           Case{"OTLP , console", "false", true, true, false, true, 0},
           Case{"console", nullptr, false, false, false, true, 0},
           Case{"none", nullptr, false, false, false, false, 0},
           Case{"zipkin", nullptr, false, false, true, false, 0},
           Case{"otlp,Zipkin", nullptr, true, true, true, false, 0},
           Case{"zipkin", "true", false, false, false, false, 0},
           Case{"logging", nullptr, true, false, false, false, 1},
           Case{"jaeger,console", nullptr, false, false, false, true, 1},
           Case{"otlp", "TRUE", false, false, false, false, 0},
           Case{nullptr, "1", true, false, false, false, 1},
       }) {
    SCOPED_TRACE(test_case.exporter ? test_case.exporter : "(unset)");
    Warnings warnings;
    const ExporterChoice choice = exporter_choice_from(
        [&](std::string_view name) { return name == "OTEL_SDK_DISABLED" ? test_case.disabled : test_case.exporter; }, warnings);
    EXPECT_EQ(choice.otlp, test_case.otlp);
    EXPECT_EQ(choice.otlp_by_name, test_case.otlp_by_name);
    EXPECT_EQ(choice.zipkin, test_case.zipkin);
    EXPECT_EQ(choice.console, test_case.console);
    EXPECT_EQ(warnings.size(), test_case.warnings);
  }
}

}  // namespace
}  // namespace suture

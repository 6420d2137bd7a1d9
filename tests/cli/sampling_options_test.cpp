#include "sampling_options.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace suture {
namespace {

struct Environment {
  std::map<std::string, std::string> values;
  Warnings warnings = {};

  Sampler sampler() {
    return sampler_from([this](const char* name) { return values.contains(name) ? values[name].c_str() : nullptr; }, warnings);
  }
};

TEST(SamplerVariables, ChooseASampler) {
  const struct {
    std::map<std::string, std::string> values;
    bool parent_based;
    Threshold root;
  } rows[] = {
      {{}, true, kCertain},
      {{{"OTEL_TRACES_SAMPLER", " "}, {"OTEL_TRACES_SAMPLER_ARG", "nonsense"}}, true, kCertain},
      {{{"OTEL_TRACES_SAMPLER", "always_off"}}, false, kNever},
      {{{"OTEL_TRACES_SAMPLER", "traceidratio"}}, false, kCertain},
      {{{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "0.25"}}, false, threshold_of(0.25)},
      {{{"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "0"}}, true, kNever},
      {{{"OTEL_TRACES_SAMPLER", "always_on"}, {"OTEL_TRACES_SAMPLER_ARG", "0.25"}}, false, kCertain},
  };
  for (const auto& row : rows) {
    Environment environment{row.values};
    const Sampler sampler = environment.sampler();
    EXPECT_EQ(sampler.parent_based, row.parent_based);
    EXPECT_EQ(sampler.root, row.root);
    EXPECT_TRUE(environment.warnings.empty());
  }
}

TEST(SamplerVariables, WarnOfWhatTheyDoNotKnowAndIgnoreIt) {
  for (const char* name : {"jaeger_remote", "parentbased_jaeger_remote", "xray", "on"}) {
    Environment environment{{{"OTEL_TRACES_SAMPLER", name}}};
    const Sampler sampler = environment.sampler();
    EXPECT_TRUE(sampler.parent_based && sampler.root == kCertain) << name;
    EXPECT_EQ(environment.warnings.size(), 1u) << name;
  }
  for (const char* share : {"2", "-0.1", "nan", "10%", "0,5"}) {
    Environment environment{{{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", share}}};
    EXPECT_EQ(environment.sampler().root, kCertain) << share;
    EXPECT_EQ(environment.warnings.size(), 1u) << share;
  }
}

TEST(SamplingOptions, AreReadFromTheCommandLine) {
  CLI::App app;
  SamplingArguments arguments;
  add_sampling_options(app, arguments, true);
  app.parse("--sample 'service=a 1%' --sample 50% --keep 'error || 1%' --keep-memory 2MiB --max-spans-per-second 10 --max-bytes-per-second 1MiB");
  const auto options = sampling_options_of(arguments, Sampler());
  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(options.value().rules.size(), 2u);
  EXPECT_TRUE(options.value().keep);
  EXPECT_EQ(options.value().memory_bytes, 2u << 20);
  EXPECT_EQ(options.value().budget.spans_per_second, 10);
  EXPECT_EQ(options.value().budget.bytes_per_second, 1 << 20);
}

TEST(SamplingOptions, SayWhichOneIsWrong) {
  EXPECT_EQ(sampling_options_of({.sample = {"a"}}, Sampler()).error().substr(0, 10), "--sample: ");
  EXPECT_EQ(sampling_options_of({.keep = "a"}, Sampler()).error().substr(0, 8), "--keep: ");
  CLI::App app;
  SamplingArguments arguments;
  add_sampling_options(app, arguments, false);
  for (const char* line : {"--keep-memory 1KiB", "--max-spans-per-second -1", "--max-bytes-per-second much"}) EXPECT_THROW(app.parse(line), CLI::ParseError) << line;
}

}  // namespace
}  // namespace suture

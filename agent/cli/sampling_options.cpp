#include "sampling_options.h"

#include <charconv>
#include <optional>

#include "sampling/keep_parser.h"
#include "trace/ascii.h"

namespace suture {
namespace {

constexpr std::uint64_t kLeastMemory = 1u << 20;  // below, not even the traces of a quiet host would be seen whole

std::string memory_fits(const std::string& text) {
  std::uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  return error == std::errc() && *end == '\0' && bytes >= kLeastMemory ? "" : "'" + text + "' bytes: must be 1MiB or more, e.g. 64MiB";
}

/// The share of a ratio; 1 where nothing usable is said, as the specification asks.
double ratio_from(const EnvironmentLookup& lookup, Warnings& warnings) {
  const Setting setting = setting_of(lookup, {"OTEL_TRACES_SAMPLER_ARG"});
  if (!setting.is_set()) return 1;
  double share = 0;
  const char* const end = setting.value.data() + setting.value.size();
  const auto [stopped, error] = std::from_chars(setting.value.data(), end, share);
  if (error == std::errc() && stopped == end && share >= 0 && share <= 1) return share;
  warnings.push_back(setting.name + ": '" + std::string(setting.value) + "' is no number from 0 to 1; 1 is used.");
  return 1;
}

}  // namespace

void add_sampling_options(CLI::App& command, SamplingArguments& a, bool environment) {
  const auto option = [&command, environment](const char* name, const char* variable, auto& value, const char* help) {
    CLI::Option* const made = command.add_option(name, value, help);
    if (environment) made->envname(variable);
    return made;
  };
  option("--sample", "SUTURE_SAMPLE", a.sample,
         "Keep a share of the traces whose first span here fits, e.g. 'service=orders route=/static/* 10%'; the first rule that fits counts; "
         "may be repeated (default: OTEL_TRACES_SAMPLER, else parentbased_always_on)")
      ->delimiter(',')
      ->allow_extra_args(false);
  option("--keep", "SUTURE_KEEP", a.keep,
         "Export only whole traces that are worth it, e.g. 'error || duration > 500ms || slow || rare || 1%'; also status >= 500, "
         "service == \"name\", &&, ! and parentheses");
  option("--keep-memory", "SUTURE_KEEP_MEMORY", a.keep_memory, "For traces that --keep or --sample cannot decide yet (default: 64MiB)")
      ->transform(CLI::AsSizeValue(false))
      ->check(memory_fits);
  option("--max-spans-per-second", "SUTURE_MAX_SPANS_PER_SECOND", a.max_spans_per_second, "Spans beyond are dropped, by traces, and counted (default: 50000; 0: no limit)")
      ->check(CLI::NonNegativeNumber);
  option("--max-bytes-per-second", "SUTURE_MAX_BYTES_PER_SECOND", a.max_bytes_per_second,
         "The same of bytes of OTLP before compression, e.g. 2MiB (default: 0, no limit)")
      ->transform(CLI::AsSizeValue(false));
}

Sampler sampler_from(const EnvironmentLookup& lookup, Warnings& warnings) {
  const Setting setting = setting_of(lookup, {"OTEL_TRACES_SAMPLER"});
  if (!setting.is_set()) return Sampler();
  const bool asks_for_ratio = ascii::equals_any_case(setting.value, "traceidratio") || ascii::equals_any_case(setting.value, "parentbased_traceidratio");
  if (const std::optional<Sampler> sampler = sampler_of(setting.value, asks_for_ratio ? ratio_from(lookup, warnings) : 1)) return *sampler;
  warnings.push_back(setting.name + ": '" + std::string(setting.value) +
                     "' is none of always_on, always_off, traceidratio, or one of these behind parentbased_; parentbased_always_on is used.");
  return Sampler();
}

Result<SamplingOptions> sampling_options_of(const SamplingArguments& a, const Sampler& sampler) {
  SamplingOptions options;
  options.sampler = sampler;
  for (const std::string& text : a.sample) {
    Result<SampleRule> rule = parse_sample_rule(text);
    if (!rule) return Error{"--sample: " + rule.error()};
    options.rules.push_back(std::move(rule).value());
  }
  if (!a.keep.empty()) {
    Result<KeepRule> keep = parse_keep_rule(a.keep);
    if (!keep) return Error{"--keep: " + keep.error()};
    options.keep = std::move(keep).value();
  }
  options.memory_bytes = a.keep_memory;
  options.budget = {a.max_spans_per_second, static_cast<double>(a.max_bytes_per_second)};
  return options;
}

}  // namespace suture

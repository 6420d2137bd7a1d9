#pragma once
// The options about sampling, of run and replay, and what OpenTelemetry's variables say of it.

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "export/environment.h"
#include "sampling/sampling.h"

namespace suture {

/// As text.
struct SamplingArguments {
  std::vector<std::string> sample = {};
  std::string keep = {};
  std::uint64_t keep_memory = SamplingOptions().memory_bytes, max_bytes_per_second = 0;
  double max_spans_per_second = Budget::Limits().spans_per_second;
};

/// `arguments` outlives the command. With `environment` the options are SUTURE_ variables too.
void add_sampling_options(CLI::App& command, SamplingArguments& arguments, bool environment);

/// OTEL_TRACES_SAMPLER and its _ARG; a replay, which is the same everywhere, does not ask for it.
Sampler sampler_from(const EnvironmentLookup& lookup, Warnings& warnings);

Result<SamplingOptions> sampling_options_of(const SamplingArguments& arguments, const Sampler& sampler);

}  // namespace suture

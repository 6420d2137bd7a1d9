#pragma once
// Sampler: the head's decision about traces, by the names that OpenTelemetry gives it (specification v1.60,
// configuration/sdk-environment-variables.md).

#include <optional>
#include <string_view>

#include "sampling/threshold.h"

namespace suture {

struct Sampler {
  bool parent_based = true;   // a trace that began elsewhere is kept or not as its sampled flag says
  Threshold root = kCertain;  // for the others
};

/// always_on, always_off, traceidratio, and each with parentbased_ before it; in any case of letters. `share` is for the ratio.
/// Nothing: no such sampler.
std::optional<Sampler> sampler_of(std::string_view name, double share);

}  // namespace suture

#pragma once
// SampleRule: `--sample 'service=orders route=/static/* 10%'`, a share of the traces whose first span here fits.

#include <string>
#include <string_view>

#include "base/result.h"
#include "sampling/threshold.h"
#include "trace/span.h"

namespace suture {

struct SampleRule {
  std::string service, route;  // globs, of the service's name and of the request's path; "": any
  Threshold threshold = kCertain;

  bool fits(const Span& span, std::string_view service_name) const;
};

/// service=GLOB and route=GLOB, each or both or none, and a percentage.
Result<SampleRule> parse_sample_rule(std::string_view text);

}  // namespace suture

#include "sampling/sampler.h"

#include "trace/ascii.h"

namespace suture {

std::optional<Sampler> sampler_of(std::string_view name, double share) {
  constexpr std::string_view kParentBased = "parentbased_";
  Sampler sampler;
  sampler.parent_based = ascii::equals_any_case(name.substr(0, kParentBased.size()), kParentBased);
  if (sampler.parent_based) name.remove_prefix(kParentBased.size());
  if (ascii::equals_any_case(name, "always_on")) sampler.root = kCertain;
  else if (ascii::equals_any_case(name, "always_off")) sampler.root = kNever;
  else if (ascii::equals_any_case(name, "traceidratio")) sampler.root = threshold_of(share);
  else return std::nullopt;
  return sampler;
}

}  // namespace suture

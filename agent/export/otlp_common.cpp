#include "export/otlp_common.h"

#include <algorithm>

namespace suture {

bool names_its_sdk(const Resource& resource) {
  return std::any_of(resource.attributes.begin(), resource.attributes.end(),
                     [](const Resource::Attribute& attribute) { return attribute.key == "telemetry.sdk.name"; });
}

std::uint32_t otlp_flags(const Span& span) {
  constexpr std::uint32_t kHasIsRemote = 0x100;
  constexpr std::uint32_t kIsRemote = 0x200;
  return std::uint32_t{span.trace_flags} | kHasIsRemote | (span.parent_is_remote ? kIsRemote : 0);
}

}  // namespace suture

#pragma once
// Batch: finished spans with the resources they belong to, whole in itself, so that it can leave the capture thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "trace/span.h"

namespace suture {

/// Attributes of one observed process (service.name first), and those of the host that all share.
struct Resource {
  using Value = std::variant<std::string, std::int64_t>;
  struct Attribute {
    std::string key;
    Value value;
  };
  std::vector<Attribute> attributes;

  /// The value of service.name, or "".
  std::string_view service_name() const {
    for (const Attribute& attribute : attributes)
      if (attribute.key == "service.name")
        if (const auto* text = std::get_if<std::string>(&attribute.value)) return *text;
    return {};
  }
};

/// Knows the resource of every observed process. Capture thread only.
class ResourceSource {
 public:
  virtual ~ResourceSource() = default;
  /// Never fails: what is unknown has a generic name. Valid until the next call.
  virtual const Resource& resource_of(const ProcessKey& process) = 0;
  /// It has ended: what is asked of it comes late.
  virtual bool is_over(const ProcessKey& process) const {
    (void)process;
    return false;
  }
};

struct Batch {
  struct Group {
    ProcessKey process;
    Resource resource;
    std::vector<Span> spans;
  };
  std::vector<Group> groups;  // one per process, in order of first appearance
  std::string forwarded;      // not empty: another's whole request instead, in the destination's protocol; OTLP alone takes it
  std::size_t span_count = 0;
  std::size_t weight_bytes = 0;
};

}  // namespace suture

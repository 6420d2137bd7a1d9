#pragma once
// The text form of resource attributes in OTEL_RESOURCE_ATTRIBUTES: "key=value,key=value", values percent-encoded
// (OpenTelemetry specification, resource/sdk.md, "Specifying resource information via an environment variable").

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace suture {

using ResourceAttributes = std::vector<std::pair<std::string, std::string>>;

/// Nothing if any part is malformed: the specification discards the whole variable then. Of a repeated key the last
/// value counts. The text comes out of a stranger's environment; at most 64 attributes are taken.
std::optional<ResourceAttributes> parse_resource_attributes(std::string_view text);

}  // namespace suture

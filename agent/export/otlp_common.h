#pragma once
// What the protobuf and the JSON form of OTLP have in common: the instrumentation scope, the SDK attributes, span
// flags.

#include <array>
#include <cstdint>
#include <string_view>

#include "trace/batch.h"

namespace suture {

inline constexpr std::string_view kScopeName = "suture";
inline constexpr std::string_view kScopeVersion = SUTURE_VERSION;
/// The semantic conventions that attribute_key.h follows.
inline constexpr std::string_view kSchemaUrl = "https://opentelemetry.io/schemas/1.44.0";

struct SdkAttribute {
  std::string_view key;
  std::string_view value;
};
/// They describe the agent, not the observed program: the language is ours.
inline constexpr auto kSdkAttributes = std::to_array<SdkAttribute>({
    {"telemetry.sdk.name", kScopeName},
    {"telemetry.sdk.language", "cpp"},
    {"telemetry.sdk.version", kScopeVersion},
});

/// True if the resource already says which SDK made its spans (a process that names itself by environment).
bool names_its_sdk(const Resource& resource);

/// Span.flags of OTLP: bits 0-7 are the W3C trace flags, 0x100 says that bit 0x200 (parent is remote) is meant.
std::uint32_t otlp_flags(const Span& span);

}  // namespace suture

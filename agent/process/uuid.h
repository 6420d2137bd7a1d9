#pragma once
// Name-based UUIDs (RFC 9562 section 5.5, version 5), for service.instance.id.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace suture {

using UuidBytes = std::array<std::uint8_t, 16>;

/// Namespace that OpenTelemetry's semantic conventions give for service.instance.id:
/// 4d63009a-8d0f-11ee-aad7-4c796ed8e320.
inline constexpr UuidBytes kServiceInstanceNamespace = {0x4d, 0x63, 0x00, 0x9a, 0x8d, 0x0f, 0x11, 0xee,
                                                        0xaa, 0xd7, 0x4c, 0x79, 0x6e, 0xd8, 0xe3, 0x20};

/// In the usual form with hyphens, lower case.
std::string uuid_v5(const UuidBytes& name_space, std::string_view name);

}  // namespace suture

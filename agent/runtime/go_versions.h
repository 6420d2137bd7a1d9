#pragma once
// Go versions: what the walk through a Go process (bpf/core/walk_go.bpf.h) must know of the one that built it.

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "wire/runtime.h"

namespace suture {

/// The version in a section .go.buildinfo, as Go 1.18 and newer write it: "go1.26.8". Nothing: none is there.
std::optional<std::string_view> go_version_in(std::span<const std::byte> buildinfo);

/// Nothing: a version that is not known, or not yet released (its offsets may still change).
std::optional<runtime> go_runtime_of(std::string_view version);

}  // namespace suture

#pragma once
// The BPF objects that the build embedded, by name.

#include <cstddef>
#include <span>
#include <string_view>

namespace suture {

/// The ELF bytes of bpf/hooks' object `name`; empty if there is none. Static storage.
std::span<const std::byte> bpf_object_bytes(std::string_view name);

}  // namespace suture

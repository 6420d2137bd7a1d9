#pragma once
// PropagationCounts: what became of the trace context at the requests that a service sent to one peer while it handled those of
// one route.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace suture {

enum class PropagationState : std::uint8_t {
  // Linked to a request that came with a context:
  Passed,     // the same trace, another parent: a span of the service's own
  Unchanged,  // the same trace and parent: a proxy
  Dropped,    // no context
  Restarted,  // the context of another trace
  // Linked to one that came without:
  Begun,      // a context
  Without,    // no context
  // Nobody knows which request it was sent for:
  Unlinked,
};
inline constexpr std::size_t kPropagationStates = 7;

constexpr std::string_view name_of(PropagationState state) {
  constexpr std::string_view kNames[kPropagationStates] = {"passed", "unchanged", "dropped", "restarted", "begun", "without", "unlinked"};
  return kNames[static_cast<std::size_t>(state)];
}

struct PropagationCounts {
  std::array<std::uint64_t, kPropagationStates> of{};  // by PropagationState

  std::uint64_t operator[](PropagationState state) const { return of[static_cast<std::size_t>(state)]; }
  std::uint64_t& operator[](PropagationState state) { return of[static_cast<std::size_t>(state)]; }
  /// Requests that had a context to pass on, as far as it is known.
  std::uint64_t tested() const {
    using enum PropagationState;
    return (*this)[Passed] + (*this)[Unchanged] + (*this)[Dropped] + (*this)[Restarted];
  }
  void add(const PropagationCounts& other) {
    for (std::size_t i = 0; i < kPropagationStates; ++i) of[i] += other.of[i];
  }
};

}  // namespace suture

#pragma once
// FixedTable: values by 64-bit hashes, in a memory that never grows. A key has four places to be in; where all are taken
// the one that was used longest ago gives way.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace suture {

template <typename Value>
class FixedTable {
 public:
  /// `places`: a power of two, at least four.
  explicit FixedTable(std::size_t places) : slots_(places) {}

  /// The value of `key`; a new one if it has none, or lost it.
  Value& operator[](std::uint64_t key) {
    // The low bits of a multiplicative hash are its weakest; the high half of another product picks the places.
    Slot* const set = &slots_[(((key * 0x9e3779b97f4a7c15ull) >> 32) & (slots_.size() / kWays - 1)) * kWays];
    Slot* oldest = set;
    for (Slot* slot = set; slot != set + kWays; ++slot) {
      if (slot->used != 0 && slot->key == key) return slot->touched(++uses_);
      if (slot->used < oldest->used) oldest = slot;
    }
    *oldest = Slot{key, 0, Value{}};
    return oldest->touched(++uses_);
  }

 private:
  static constexpr std::size_t kWays = 4;
  struct Slot {
    std::uint64_t key = 0;
    std::uint64_t used = 0;  // a number that grows with each use; 0: free
    Value value{};

    Value& touched(std::uint64_t use) {
      used = use;
      return value;
    }
  };

  std::vector<Slot> slots_;
  std::uint64_t uses_ = 0;
};

}  // namespace suture

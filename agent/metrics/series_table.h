#pragma once
// SeriesTable: the series of one instrument, by their labels. Bounded: what has no room is counted together, in a series that
// says so.

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "metrics/labels.h"

namespace suture {

/// How many series there may be, of all tables that share it.
struct SeriesBudget {
  std::size_t left = 0;
};

template <typename Value>
class SeriesTable {
 public:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view bytes) const noexcept { return std::hash<std::string_view>()(bytes); }
    std::size_t operator()(const Labels& labels) const noexcept { return (*this)(labels.bytes()); }
  };
  using Map = std::unordered_map<Labels, Value, Hash, std::equal_to<>>;

  /// At most `most` series and the one of the overflow. `budget` outlives the table.
  SeriesTable(std::size_t most, SeriesBudget& budget) : most_(most), budget_(budget) {}
  ~SeriesTable() { clear(); }
  SeriesTable(const SeriesTable&) = delete;
  SeriesTable& operator=(const SeriesTable&) = delete;

  /// The series of these labels; without room for another, that of the overflow.
  Value& at(const Labels& labels) {
    if (const auto found = map_.find(labels); found != map_.end()) return found->second;
    if (paid_ >= most_ || budget_.left == 0) return map_[overflow_labels()];
    --budget_.left;
    ++paid_;
    return map_[labels];
  }

  void clear() {
    budget_.left += std::exchange(paid_, 0);
    map_.clear();
  }

  const Map& all() const { return map_; }
  Map& all() { return map_; }

 private:
  const std::size_t most_;
  SeriesBudget& budget_;
  std::size_t paid_ = 0;
  Map map_;
};

}  // namespace suture

#include "metrics/snapshot.h"

#include <algorithm>

namespace suture {

Family& MetricGroup::family(const Instrument& instrument) {
  const auto found = std::find_if(families.begin(), families.end(), [&](const Family& family) { return family.instrument == &instrument; });
  return found != families.end() ? *found : families.emplace_back(Family{&instrument, {}});
}

std::uint64_t MetricSnapshot::points() const {
  std::uint64_t sum = 0;
  for (const MetricGroup& group : groups)
    for (const Family& family : group.families) sum += family.points.size();
  return sum;
}

std::size_t MetricSnapshot::weight_bytes() const {
  constexpr std::size_t kLabelBytes = 128;  // of a point's labels on the heap; most have less
  constexpr std::size_t kGroupBytes = 2048;  // a resource's attributes
  return groups.size() * kGroupBytes + points() * (sizeof(Point) + kLabelBytes + sizeof(Exemplar));
}

}  // namespace suture

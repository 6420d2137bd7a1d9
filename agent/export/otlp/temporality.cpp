#include "export/otlp/temporality.h"

#include <algorithm>
#include <utility>

namespace suture {
namespace {

bool is_nothing(const Point& point) {
  if (const auto* integer = std::get_if<std::int64_t>(&point.value)) return *integer == 0;
  if (const auto* number = std::get_if<double>(&point.value)) return *number == 0;
  return std::get<HistogramPoint>(point.value).histogram.count() == 0;
}

void subtract_value(const Point& before, Point& from) {
  if (auto* integer = std::get_if<std::int64_t>(&from.value)) *integer -= std::get<std::int64_t>(before.value);
  else if (auto* number = std::get_if<double>(&from.value)) *number -= std::get<double>(before.value);
  else {
    Histogram& histogram = std::get<HistogramPoint>(from.value).histogram;
    const Histogram& old = std::get<HistogramPoint>(before.value).histogram;
    std::transform(histogram.buckets.begin(), histogram.buckets.end(), old.buckets.begin(), histogram.buckets.begin(), std::minus<>());
    histogram.sum -= old.sum;
  }
}

/// What tells the resource of a group from the others' of the snapshot.
std::string name_of(const MetricGroup& group) {
  std::string name;
  for (const Resource::Attribute& attribute : group.resource.attributes)
    if (const auto* text = std::get_if<std::string>(&attribute.value); text && attribute.key.starts_with("service.")) name += *text + '\0';
  return name;
}

}  // namespace

bool TemporalityRecast::is_delta(const Instrument& instrument) const {
  if (instrument.kind != InstrumentKind::Counter && instrument.kind != InstrumentKind::Histogram) return false;
  return preference_ == Temporality::Delta || (preference_ == Temporality::LowMemory && !instrument.observed);
}

std::int64_t TemporalityRecast::apply(MetricSnapshot& snapshot) {
  Told now;
  for (MetricGroup& group : snapshot.groups) {
    for (Family& family : group.families) {
      if (!is_delta(*family.instrument)) continue;
      const std::string prefix = name_of(group) + std::string(family.instrument->name) + '\0';
      std::erase_if(family.points, [&](Point& point) { return !subtract(prefix + std::string(point.labels.bytes()), point, now); });
    }
    std::erase_if(group.families, [](const Family& family) { return family.points.empty(); });
  }
  std::erase_if(snapshot.groups, [](const MetricGroup& group) { return group.families.empty(); });
  told_ = std::move(now);
  return std::exchange(last_unix_ns_, snapshot.unix_ns);
}

/// False: nothing has been added since.
bool TemporalityRecast::subtract(std::string key, Point& point, Told& now) const {
  Point& kept = now.emplace(key, point).first->second;
  if (auto* histogram = std::get_if<HistogramPoint>(&kept.value)) histogram->exemplars.clear();
  // With another beginning it is another series: the old one ended with its service.
  const auto before = told_.find(key);
  if (before != told_.end() && before->second.start_unix_ns == point.start_unix_ns) {
    subtract_value(before->second, point);
    point.start_unix_ns = last_unix_ns_;
  }
  return !is_nothing(point);
}

}  // namespace suture

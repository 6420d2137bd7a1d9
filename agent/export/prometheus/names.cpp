#include "export/prometheus/names.h"

#include <algorithm>

#include "trace/ascii.h"

namespace suture {
namespace {

constexpr std::string_view kTotal = "_total";

std::string_view unit_word(const Instrument& instrument) {
  if (instrument.unit == "s") return "seconds";
  if (instrument.unit == "By") return "bytes";
  if (instrument.unit == "1" && instrument.kind == InstrumentKind::Gauge) return "ratio";
  return {};  // {request} and its like are comments
}

}  // namespace

std::string prometheus_label(std::string_view name) {
  std::string label(name);
  std::replace_if(label.begin(), label.end(), [](char c) { return !ascii::is_letter(c) && !ascii::is_digit(c) && c != '_'; }, '_');
  if (label.empty() || ascii::is_digit(label[0])) label.insert(0, "key_");
  return label;
}

PrometheusName prometheus_name(const Instrument& instrument) {
  PrometheusName name{prometheus_label(instrument.name), unit_word(instrument)};
  if (instrument.kind == InstrumentKind::Counter && name.family.ends_with(kTotal)) name.family.resize(name.family.size() - kTotal.size());
  if (!name.unit.empty() && !name.family.ends_with("_" + std::string(name.unit))) name.family += "_" + std::string(name.unit);
  return name;
}

}  // namespace suture

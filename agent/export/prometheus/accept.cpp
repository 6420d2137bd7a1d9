#include "export/prometheus/accept.h"

#include <algorithm>
#include <charconv>

#include "trace/ascii.h"

namespace suture {
namespace {

/// The text before the next `separator`, trimmed; both leave `rest`.
std::string_view take_until(char separator, std::string_view& rest) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = ascii::trim(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

struct MediaRange {
  std::string_view type;
  std::string_view version;
  double quality = 1;
};

MediaRange media_range_of(std::string_view text) {
  MediaRange range;
  range.type = take_until(';', text);
  while (!text.empty()) {
    std::string_view value = take_until(';', text);
    const std::string_view name = take_until('=', value);
    if (ascii::equals_any_case(name, "version")) range.version = value;
    if (!ascii::equals_any_case(name, "q")) continue;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), range.quality);
    if (error != std::errc()) range.quality = 0;
  }
  return range;
}

}  // namespace

PrometheusFormat format_for(std::string_view accept) {
  double text = 0, open_metrics = 0;
  while (!accept.empty()) {
    const MediaRange range = media_range_of(take_until(',', accept));
    if (ascii::equals_any_case(range.type, "text/plain")) text = std::max(text, range.quality);
    const bool known = range.version.empty() || range.version == "1.0.0" || range.version == "0.0.1";
    if (known && ascii::equals_any_case(range.type, "application/openmetrics-text")) open_metrics = std::max(open_metrics, range.quality);
  }
  return open_metrics > 0 && open_metrics >= text ? PrometheusFormat::OpenMetrics : PrometheusFormat::Text;
}

std::string_view content_type_of(PrometheusFormat format) {
  return format == PrometheusFormat::OpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                                 : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace suture

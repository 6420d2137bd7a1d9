#pragma once
// Which of Prometheus's two formats a scraper wants, by its Accept header (RFC 9110 section 12.5.1).

#include <cstdint>
#include <string_view>

namespace suture {

enum class PrometheusFormat : std::uint8_t {
  Text,         // Prometheus text format 0.0.4: no exemplars
  OpenMetrics,  // OpenMetrics 1.0
};

/// OpenMetrics only for who names it and does not like text better; whoever says nothing, or anything, gets text.
PrometheusFormat format_for(std::string_view accept);

std::string_view content_type_of(PrometheusFormat format);

}  // namespace suture

#pragma once
// The value of OTEL_EXPORTER_OTLP_HEADERS: name=value,name2=value2 in the syntax of W3C Baggage, without properties.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "export/environment.h"

namespace suture {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// RFC 9110 5.5: what may stand in a header's value. A line end would let it write headers of its own.
bool is_field_value(std::string_view text);

/// A member that is no header is warned of, without being shown, and left out.
HttpHeaders headers_from(const Setting& setting, Warnings& warnings);

}  // namespace suture

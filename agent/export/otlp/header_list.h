#pragma once
// The value of OTEL_EXPORTER_OTLP_HEADERS: name=value,name2=value2 in the syntax of W3C Baggage, without properties.

#include <string>
#include <utility>
#include <vector>

#include "export/environment.h"

namespace suture {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// A member that is no header is warned of, without being shown, and left out.
HttpHeaders headers_from(const Setting& setting, Warnings& warnings);

}  // namespace suture

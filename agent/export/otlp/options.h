#pragma once
// OtlpOptions: where spans go by OTLP/HTTP and how, from the environment variables that OpenTelemetry defines
// (specification v1.60, protocol/exporter.md) and the flag --otlp.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace suture {

struct OtlpOptions {
  std::string url;  // complete, e.g. http://localhost:4318/v1/traces; "": no endpoint is set
  std::vector<std::pair<std::string, std::string>> headers;  // values are secrets: never logged
  std::chrono::milliseconds timeout{10'000};                 // of one attempt
  bool gzip = true;
  std::string ca_file;  // PEM bundle; "": the system's

  std::chrono::milliseconds first_backoff{1'000};
  std::chrono::milliseconds longest_backoff{30'000};
  std::chrono::milliseconds longest_age{300'000};  // spans that could not be sent for so long are dropped
  std::size_t queue_bytes = 16 * 1024 * 1024;      // not yet encoded: about a second of 15 000 spans
  std::size_t backlog_bytes = 16 * 1024 * 1024;    // encoded and compressed, about 60 B per span

  std::vector<std::string> warnings;  // sentences for the log: what was set but cannot be followed

  bool enabled() const { return !url.empty(); }
};

/// Returns the value of a variable or nullptr, as std::getenv does.
using EnvironmentLookup = std::function<const char*(const char* name)>;

/// `flag_url` ("" if not given) wins over the environment and is a base like OTEL_EXPORTER_OTLP_ENDPOINT, unless it
/// names the path /v1/traces itself. Fails on an endpoint that cannot work, so that it is noticed at the start.
Result<OtlpOptions> otlp_options_from(const EnvironmentLookup& lookup, std::string_view flag_url);

/// `url` without user, password and query: what may be shown.
std::string printable_url(std::string_view url);

}  // namespace suture

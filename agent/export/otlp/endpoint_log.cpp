#include "export/otlp/endpoint_log.h"

#include <utility>

namespace suture {
namespace {

constexpr std::chrono::minutes kPause{1};

std::string seconds(std::chrono::steady_clock::duration span) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(span).count()) + " s";
}

/// How to mend what a status complains of.
const char* hint(long status) {
  switch (status) {
    case 401:
    case 403:
      return "Check the key of the preset, or the credentials in OTEL_EXPORTER_OTLP_HEADERS.";
    case 404:
    case 405:
      return "Check the URL: OTLP/HTTP has port 4318 and path /v1/traces or /v1/metrics, Zipkin 9411 and /api/v2/spans.";
    case 413:
      return "Raise the largest request size that the backend takes.";
    case 415:
      return "Check that the backend takes this protocol; OTEL_EXPORTER_OTLP_COMPRESSION=none avoids gzip.";
    default:
      return "The backend's own log should say why.";
  }
}

}  // namespace

bool EndpointLog::Throttle::ready(std::uint64_t more, Clock::time_point now) {
  spans += more;
  if (last && now - *last < kPause) return false;
  last = now;
  return true;
}

std::optional<std::string> EndpointLog::failed(const std::string& why, Clock::time_point now) {
  if (failing_since_) return std::nullopt;
  failing_since_ = now;
  return name_ + ": " + url_ + " does not take " + items_ + ": " + why + ". They are kept and sent again for up to " +
         seconds(kept_for_) + ". Is a Collector or backend listening there? 'suture doctor' tries it.";
}

std::optional<std::string> EndpointLog::answered(Clock::time_point now) {
  if (!failing_since_) return std::nullopt;
  const auto lasted = now - *std::exchange(failing_since_, std::nullopt);
  return name_ + ": " + url_ + " answers again, after " + seconds(lasted) + ".";
}

std::optional<std::string> EndpointLog::refused(const std::string& why, long status, std::uint64_t spans,
                                                Clock::time_point now) {
  if (!refusals_.ready(spans, now)) return std::nullopt;
  return name_ + ": " + url_ + " refused " + std::to_string(std::exchange(refusals_.spans, 0)) + " " + items_ + ": " + why +
         ". They are lost, as OTLP forbids to send them again. " + hint(status);
}

std::optional<std::string> EndpointLog::partly_refused(const std::string& why, std::uint64_t spans,
                                                       Clock::time_point now) {
  if (!partial_.ready(spans, now)) return std::nullopt;
  const std::uint64_t refused = std::exchange(partial_.spans, 0);
  if (refused == 0) return name_ + ": " + url_ + " took all " + items_ + ", and says: " + why;
  return name_ + ": " + url_ + " took a request but refused " + std::to_string(refused) + " of its " + items_ + ": " + why;
}

std::optional<std::string> EndpointLog::expired(std::uint64_t spans, Clock::time_point now) {
  if (!expiries_.ready(spans, now)) return std::nullopt;
  return name_ + ": " + std::to_string(std::exchange(expiries_.spans, 0)) + " " + items_ + " could not be sent to " + url_ +
         " in time and are lost.";
}

}  // namespace suture

// What the attributes of an SDK's server span say of its request.

#include <charconv>
#include <limits>

#include "gateway/telemetry.h"

namespace suture {
namespace {

/// The path of a target or URL, without query.
std::string_view path_in(std::string_view target) {
  if (const std::size_t scheme = target.find("://"); scheme != std::string_view::npos) {
    const std::size_t slash = target.find('/', scheme + 3);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  return target.substr(0, target.find_first_of("?#"));
}

}  // namespace

void take_request_attribute(ReportedSpan& span, std::string_view key, std::string_view text) {
  if (key == "http.request.method" || key == "http.method") {
    span.method = text;
  } else if (key == "url.path" || key == "http.target") {
    span.path = path_in(text);
  } else if ((key == "url.full" || key == "http.url") && span.path.empty()) {
    span.path = path_in(text);
  } else {
    // Some SDKs write numbers as text.
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) take_request_attribute(span, key, number);
  }
}

void take_request_attribute(ReportedSpan& span, std::string_view key, std::int64_t number) {
  if (number <= 0 || number > std::numeric_limits<std::uint16_t>::max()) return;
  const auto small = static_cast<std::uint16_t>(number);
  if (key == "http.response.status_code" || key == "http.status_code") span.status = small;
  // The socket's peer; client.port may be what a proxy's headers say, so it counts only where no other is given.
  if (key == "network.peer.port" || key == "net.sock.peer.port" || key == "net.peer.port") span.peer_port = small;
  if (key == "client.port" && span.peer_port == 0) span.peer_port = small;
}

}  // namespace suture

#pragma once
// Endpoint: where a destination of OTLP listens, from the ways to write it (specification v1.60, protocol/exporter.md,
// "Endpoint URLs for OTLP/HTTP").

#include <string>
#include <string_view>

#include "base/result.h"
#include "export/otlp/protocol.h"

namespace suture {

struct Endpoint {
  std::string url;          // complete, e.g. http://localhost:4318/v1/traces
  std::string unix_socket;  // path; "": TCP
};

struct EndpointRules {
  OtlpProtocol protocol = OtlpProtocol::HttpProtobuf;
  OtlpSignal signal = OtlpSignal::Traces;
  bool as_is = false;     // the URL is that of the signal; else it is a base, and path_of() is added
  bool bare_tls = false;  // what host:port without a scheme means: https, not http
};

/// The path that spans are posted to.
std::string_view path_of(OtlpProtocol protocol, OtlpSignal signal = OtlpSignal::Traces);

/// `text`: http://, https://, unix:PATH or a bare host:port. `source` names it in an error. With gRPC the path is the
/// method's, and the port is 4317 if there is none.
Result<Endpoint> endpoint_from(std::string_view source, std::string_view text, const EndpointRules& rules);

/// `url` without user, password and query: what may be shown.
std::string printable_url(std::string_view url);

}  // namespace suture

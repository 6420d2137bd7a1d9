#pragma once
// describe_http: an HTTP/1 exchange in the words of OpenTelemetry's semantic conventions v1.44.0
// (docs/http/http-spans.md). Ids, times, process and links are not set here.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/exchange.h"
#include "trace/endpoints.h"
#include "trace/query_redactor.h"
#include "trace/span.h"

namespace suture {

/// What becomes of the query in url.query and url.full.
enum class QueryCapture : std::uint8_t {
  Off,       // left out
  Redacted,  // values of sensitive keys are replaced
  Full,      // as sent
};

struct HttpSpanOptions {
  /// Case-sensitive; any other method is reported as _OTHER.
  std::vector<std::string> known_methods = default_known_methods();
  QueryCapture query = QueryCapture::Redacted;
  QueryRedactor redactor;
  bool body_sizes = false;  // also as attributes, where they are known

  /// RFC 9110 section 9, PATCH (RFC 5789), QUERY.
  static std::vector<std::string> default_known_methods();
};

/// The value of OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: a comma-separated list that replaces the default one whole.
/// Empty counts as unset, as in all of OpenTelemetry's variables.
std::vector<std::string> known_methods_from(std::string_view environment_value);

/// Sets name, kind, status, body sizes and attributes of `out`, which has none yet. `endpoints` are those of the exchange's
/// process.
///
/// error.type is the status code where that is an error (5xx; for clients 4xx too), else
///   connection_reset   the connection was reset before the response was complete
///   timeout            the kernel gave the connection up
///   connection_closed  one side closed it before the response was complete
/// http.response.status_code is there only if a final response was seen.
void describe_http(const Exchange& exchange, const Endpoints& endpoints, const HttpSpanOptions& options, Span& out);

}  // namespace suture

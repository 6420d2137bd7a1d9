// libFuzzer target: describe_http on hostile header text. The input is one value per line: method, target, and the
// fields in the order below. Texts stay within their limit, no key comes twice, and no password gets out.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "require.h"
#include "trace/attribute_text.h"
#include "trace/http_context.h"
#include "trace/http_rules.h"
#include "trace/http_span.h"

namespace {

using namespace suture;

constexpr std::string_view kSecret = "S3CRET";

HttpRequest request_from(std::string_view text) {
  HttpRequest request;
  Slice* const fields[] = {&request.method,
                           &request.target,
                           &request.host,
                           &request.user_agent,
                           &request.forwarded,
                           &request.x_forwarded_for,
                           &request.x_forwarded_host,
                           &request.x_forwarded_proto,
                           &request.traceparent,
                           &request.tracestate[0]};
  request.head = text.substr(0, 16384);
  request.traceparent_count = request.tracestate_count = 1;
  std::size_t at = 0;
  for (Slice* field : fields) {
    if (at >= request.head.size()) break;
    const std::size_t end = std::min(request.head.find('\n', at), request.head.size());
    *field = {static_cast<std::uint16_t>(at), static_cast<std::uint16_t>(end - at)};
    at = end + 1;
  }
  return request;
}

void check(const Span& span, bool may_hold_secret) {
  std::set<AttributeKey> keys;
  for (const AttributeList::Entry& entry : span.attributes) {
    require(keys.insert(entry.key).second);
    if (entry.type != AttributeList::Entry::Type::Text) continue;
    require(entry.length <= kAttributeTextLimitBytes);
    require(may_hold_secret || span.attributes.text(entry).find(kSecret) == std::string_view::npos);
  }
  require(span.attributes.dropped() == 0);
}

Span describe(const HttpRequest& request, Direction direction) {
  Exchange exchange;
  exchange.request_direction = direction;
  exchange.request.wait_ns = 1;
  exchange.end_confirmed = false;
  exchange.detail = HttpExchange{request, HttpResponse{.status = 500, .body_bytes = 7, .truncated = true, .suspicious = true}};
  Span span;
  describe_http(exchange, Endpoints{AddressFamily::Inet6, {1}, {2}, 1, 2}, HttpSpanOptions{}, span);
  return span;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  HttpRequest request = request_from({reinterpret_cast<const char*>(data), size});
  is_probe(request, ProbeRules{});
  is_otlp_intake(request);
  context_of(request, default_propagators());
  for (const Direction direction : {Direction::Receive, Direction::Send}) check(describe(request, direction), true);

  // The same target as a query behind a sensitive key, and as credentials before a host.
  const std::string noise(request.target.in(request.head).substr(0, 4000));
  const std::string targets[] = {
      "/" + noise + "?" + noise + "&token=" + std::string(kSecret),
      "http://user:" + std::string(kSecret) + "@host/" + noise,
  };
  if (noise.find(kSecret) != std::string::npos) return 0;
  for (const std::string& target : targets) {
    HttpRequest hidden;
    hidden.head = "GET " + target;
    hidden.method = {0, 3};
    hidden.target = {4, static_cast<std::uint16_t>(target.size())};
    for (const Direction direction : {Direction::Receive, Direction::Send}) check(describe(hidden, direction), false);
  }
  return 0;
}

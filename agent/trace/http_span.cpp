#include "trace/http_span.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "trace/ascii.h"
#include "trace/attribute_text.h"
#include "trace/authority.h"
#include "trace/forwarded.h"
#include "trace/request_target.h"
#include "trace/requested_server.h"

namespace suture {
namespace {

constexpr std::string_view kOtherMethod = "_OTHER";

/// Decimal digits of a number that fits 16 bits.
class NumberText {
 public:
  explicit NumberText(std::uint16_t number) {
    size_ = static_cast<std::size_t>(std::to_chars(bytes_.data(), bytes_.data() + bytes_.size(), number).ptr -
                                     bytes_.data());
  }
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 5> bytes_;
  std::size_t size_ = 0;
};

/// A scheme in lower case; "" if the text is none. 16 bytes: the longest in use ("http+unix") has 9.
class SchemeText {
 public:
  SchemeText() = default;
  explicit SchemeText(std::string_view text) {
    if (text.empty() || text.size() > bytes_.size() || !ascii::is_letter(text[0])) return;
    for (const char c : text) {
      if (!ascii::is_letter(c) && !ascii::is_digit(c) && c != '+' && c != '-' && c != '.') return;
    }
    size_ = text.size();
    std::transform(text.begin(), text.end(), bytes_.begin(), ascii::to_lower);
  }
  std::string_view view() const { return {bytes_.data(), size_}; }
  bool empty() const { return size_ == 0; }

 private:
  std::array<char, 16> bytes_{};
  std::size_t size_ = 0;
};

/// What all steps below read.
struct Request {
  const HttpRequest& http;
  std::string_view method;
  RequestTarget target;
  const Endpoints& endpoints;
  AddressText peer;

  std::string_view text(Slice slice) const { return slice.in(http.head); }
};

void add_text(Span& out, AttributeKey key, std::string_view text) { out.attributes.add(key, cut_text(text)); }

void add_number(Span& out, AttributeKey key, std::uint64_t number) {
  out.attributes.add(key, static_cast<std::int64_t>(number));
}

/// Replaces the text by that of the next source if it is still empty.
template <typename Source>
void fall_back(std::string_view& text, Source source) {
  if (text.empty()) text = source();
}

void add_method(const Request& request, const HttpSpanOptions& options, Span& out) {
  const auto& known = options.known_methods;
  if (std::find(known.begin(), known.end(), request.method) != known.end()) {
    out.name = request.method;
    add_text(out, AttributeKey::HttpRequestMethod, request.method);
    return;
  }
  out.name = "HTTP";
  add_text(out, AttributeKey::HttpRequestMethod, kOtherMethod);
  if (!request.method.empty()) add_text(out, AttributeKey::HttpRequestMethodOriginal, request.method);
}

/// The scheme of the request itself: of its target, or as the web server was asked that hands it on.
SchemeText asked_scheme(const Request& request) {
  SchemeText scheme(request.target.scheme);
  if (scheme.empty()) scheme = SchemeText(request.text(request.http.scheme));
  if (scheme.empty()) scheme = SchemeText("http");
  return scheme;
}

/// The scheme that the origin's client used, as far as anybody says.
SchemeText server_scheme(const Request& request) {
  SchemeText scheme(forwarded_parameter(request.text(request.http.forwarded), "proto"));
  if (scheme.empty()) scheme = SchemeText(first_in_list(request.text(request.http.x_forwarded_proto)));
  return scheme.empty() ? asked_scheme(request) : scheme;
}

/// What a server was asked for, which may stand behind proxies that tell the original host.
std::optional<Authority> original_authority(const Request& request) {
  std::optional<Authority> authority =
      parse_authority(forwarded_parameter(request.text(request.http.forwarded), "host"));
  if (!authority) authority = parse_authority(first_in_list(request.text(request.http.x_forwarded_host)));
  if (!authority) authority = requested_authority(request.http, request.target);
  return authority;
}

void add_server(const std::optional<Authority>& authority, std::string_view scheme, AddressFamily family,
                const AddressText& socket_address, std::uint16_t socket_port, Span& out) {
  const ServerName name = server_name(authority, scheme, family, socket_address, socket_port);
  if (name.address.empty()) return;
  add_text(out, AttributeKey::ServerAddress, name.address);
  if (name.port != 0) add_number(out, AttributeKey::ServerPort, name.port);
}

void add_client_address(const Request& request, Span& out) {
  std::string_view address = parse_node_address(forwarded_parameter(request.text(request.http.forwarded), "for"));
  fall_back(address, [&] { return parse_node_address(first_in_list(request.text(request.http.x_forwarded_for))); });
  fall_back(address, [&] { return request.text(request.http.client); });
  fall_back(address, [&] { return request.peer.view(); });
  if (!address.empty()) add_text(out, AttributeKey::ClientAddress, address);
}

void add_query(const RequestTarget& target, const HttpSpanOptions& options, Span& out) {
  if (target.query.empty() || options.query == QueryCapture::Off) return;
  if (options.query == QueryCapture::Full) {
    add_text(out, AttributeKey::UrlQuery, target.query);
    return;
  }
  BoundedText text;
  options.redactor.append_redacted(target.query, text);
  out.attributes.add(AttributeKey::UrlQuery, text.view());
}

/// The target URI as RFC 9112 section 3.3 rebuilds it, without credentials.
void add_full_url(const Request& request, const std::optional<Authority>& authority, std::string_view scheme,
                  const HttpSpanOptions& options, Span& out) {
  const RequestTarget& target = request.target;
  // A path is no host.
  const std::string_view peer = request.endpoints.family == AddressFamily::Unix ? std::string_view() : request.peer.view();
  BoundedText url;
  url.append(target.scheme.empty() ? scheme : target.scheme);
  url.append("://");
  if (target.has_user_info) url.append("REDACTED:REDACTED@");
  if (authority) {
    url.append(authority->text);
  } else {
    const bool brackets = peer.find(':') != std::string_view::npos;
    if (brackets) url.append("[");
    url.append(peer);
    if (brackets) url.append("]");
    if (const std::uint16_t port = request.endpoints.remote_port; port != 0 && port != kHttpPort) {
      url.append(":");
      url.append(NumberText(port).view());
    }
  }
  if (target.form == RequestTarget::Form::Other) url.append("/");  // or the garbage would read as part of the host
  url.append(target.path);
  if (target.has_query && options.query != QueryCapture::Off) {
    url.append("?");
    if (options.query == QueryCapture::Full) {
      url.append(target.query);
    } else {
      options.redactor.append_redacted(target.query, url);
    }
  }
  out.attributes.add(AttributeKey::UrlFull, url.view());
}

void describe_server(const Request& request, const HttpSpanOptions& options, const Message& message, Span& out) {
  const AddressText local(request.endpoints.family, request.endpoints.local, request.endpoints.local_path);
  const SchemeText scheme = server_scheme(request);
  add_text(out, AttributeKey::UrlScheme, scheme.view());
  add_text(out, AttributeKey::UrlPath, request.target.path);
  add_query(request.target, options, out);
  add_server(original_authority(request), scheme.view(), request.endpoints.family, local, request.endpoints.local_port, out);
  add_client_address(request, out);
  if (!request.http.user_agent.empty()) {
    add_text(out, AttributeKey::UserAgentOriginal, request.text(request.http.user_agent));
  }
  if (message.wait_ns != 0) add_number(out, AttributeKey::SutureWaitNs, message.wait_ns);
}

void describe_client(const Request& request, const HttpSpanOptions& options, Span& out) {
  const std::optional<Authority> authority = requested_authority(request.http, request.target);
  const SchemeText scheme = asked_scheme(request);
  add_full_url(request, authority, scheme.view(), options, out);
  add_server(authority, scheme.view(), request.endpoints.family, request.peer, request.endpoints.remote_port, out);
}

void add_network(const Request& request, Span& out) {
  if (request.endpoints.family == AddressFamily::Unix) add_text(out, AttributeKey::NetworkTransport, "unix");
  if (!request.peer.view().empty()) {
    add_text(out, AttributeKey::NetworkPeerAddress, request.peer.view());
    if (request.endpoints.family != AddressFamily::Unix)
      add_number(out, AttributeKey::NetworkPeerPort, request.endpoints.remote_port);
  }
  if (request.http.carrier == Carrier::FastCgi) {
    add_text(out, AttributeKey::NetworkProtocolName, "fastcgi");
    return add_text(out, AttributeKey::NetworkProtocolVersion, "1.0");
  }
  std::array<char, 3> version{'1', '.', static_cast<char>('0' + request.http.version_minor % 10)};
  add_text(out, AttributeKey::NetworkProtocolVersion, {version.data(), version.size()});
}

/// Section "Status" of the conventions. Codes that are no class of HTTP's are those "the client failed to interpret".
bool is_error_code(std::uint16_t code, SpanKind kind) {
  if (code < 100 || code >= 500) return true;
  return kind == SpanKind::Client && code >= 400;
}

/// "" if the exchange came to its end.
std::string_view transport_error(Outcome outcome) {
  switch (outcome) {
    case Outcome::Answered:
      return {};
    case Outcome::Reset:
      return "connection_reset";
    case Outcome::TimedOut:
      return "timeout";
    case Outcome::Cut:
    case Outcome::PeerClosed:
    case Outcome::LocallyClosed:
      return "connection_closed";
  }
  return "_OTHER";
}

void add_result(const Exchange& exchange, const HttpResponse& response, Span& out) {
  const std::string_view transport = transport_error(exchange.outcome);
  if (!transport.empty()) out.status = SpanStatus::Error;
  if (response.status == 0) {
    if (!transport.empty()) add_text(out, AttributeKey::ErrorType, transport);
    return;
  }
  add_number(out, AttributeKey::HttpResponseStatusCode, response.status);
  if (is_error_code(response.status, out.kind)) {
    out.status = SpanStatus::Error;
    add_text(out, AttributeKey::ErrorType, NumberText(response.status).view());
  } else if (!transport.empty()) {
    add_text(out, AttributeKey::ErrorType, transport);
  }
}

void add_body_sizes(const HttpExchange& http, bool as_attributes, Span& out) {
  out.request_body_bytes = http.request.body_bytes;
  out.response_body_bytes = http.response.body_bytes;
  if (!as_attributes) return;
  if (out.request_body_bytes) add_number(out, AttributeKey::HttpRequestBodySize, *out.request_body_bytes);
  if (out.response_body_bytes) add_number(out, AttributeKey::HttpResponseBodySize, *out.response_body_bytes);
}

/// What makes the span less than certain. Said only where it is so.
void add_doubts(const Exchange& exchange, const HttpExchange& http, Span& out) {
  if (http.request.truncated || http.response.truncated) out.attributes.add(AttributeKey::SutureHeadTruncated, true);
  if (http.request.suspicious || http.response.suspicious) out.attributes.add(AttributeKey::SutureHttpSuspicious, true);
  if (!exchange.end_confirmed) out.attributes.add(AttributeKey::SutureEndUnconfirmed, true);
}

/// Bytes that the texts of one span take at most, so that they come in one allocation: the target and Host or their
/// replacements, User-Agent, and 192 for what is not in the head (two addresses of up to 39, scheme, method, version,
/// error.type, and the growth by some redactions).
std::size_t text_estimate(const HttpRequest& http) {
  return std::size_t{http.target.length} + http.host.length + http.user_agent.length + http.x_forwarded_host.length +
         192;
}

}  // namespace

std::vector<std::string> HttpSpanOptions::default_known_methods() {
  return {"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "CONNECT", "TRACE", "QUERY"};
}

std::vector<std::string> known_methods_from(std::string_view environment_value) {
  if (ascii::trim(environment_value).empty()) return HttpSpanOptions::default_known_methods();
  std::vector<std::string> methods;
  while (true) {
    const std::size_t comma = environment_value.find(',');
    const std::string_view method = ascii::trim(environment_value.substr(0, comma));
    if (!method.empty()) methods.emplace_back(method);
    if (comma == std::string_view::npos) return methods;
    environment_value.remove_prefix(comma + 1);
  }
}

void describe_http(const Exchange& exchange, const Endpoints& endpoints, const HttpSpanOptions& options, Span& out) {
  const HttpExchange& http = std::get<HttpExchange>(exchange.detail);
  const std::string_view method = http.request.method.in(http.request.head);
  const RequestTarget target = parse_request_target(method, http.request.target.in(http.request.head));
  const Request request{http.request, method, target, endpoints, AddressText(endpoints.family, endpoints.remote, endpoints.remote_path)};

  out.kind = exchange.request_direction == Direction::Receive ? SpanKind::Server : SpanKind::Client;
  out.status = SpanStatus::Unset;
  out.attributes.reserve_text(text_estimate(http.request));
  add_method(request, options, out);
  if (out.kind == SpanKind::Server) {
    describe_server(request, options, exchange.request, out);
  } else {
    describe_client(request, options, out);
  }
  add_network(request, out);
  add_result(exchange, http.response, out);
  add_body_sizes(http, options.body_sizes, out);
  add_doubts(exchange, http, out);
}

}  // namespace suture

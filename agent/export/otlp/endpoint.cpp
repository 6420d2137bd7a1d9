#include "export/otlp/endpoint.h"

#include <algorithm>
#include <optional>

#include "export/otlp/grpc.h"

namespace suture {

std::string_view path_of(OtlpProtocol protocol, OtlpSignal signal) {
  switch (protocol) {
    case OtlpProtocol::Grpc:
      return grpc_path_of(signal);
    case OtlpProtocol::ZipkinJson:
      return "/api/v2/spans";
    case OtlpProtocol::HttpProtobuf:
    case OtlpProtocol::HttpJson:
      break;
  }
  return signal == OtlpSignal::Metrics ? "/v1/metrics" : "/v1/traces";
}

namespace {

constexpr std::string_view kUnix = "unix:";

/// A URL cut into the parts that we change. `query` begins with '?', `path` with '/', or they are empty.
struct UrlParts {
  std::string scheme;
  std::string authority;
  std::string path;
  std::string query;
};

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != 0x7F; });
}

std::optional<UrlParts> split_url(std::string_view url, const char* bare_scheme) {
  UrlParts parts;
  const auto colon = url.find("://");
  if (colon == std::string_view::npos) {
    parts.scheme = bare_scheme;
  } else {
    parts.scheme = std::string(url.substr(0, colon));
    std::transform(parts.scheme.begin(), parts.scheme.end(), parts.scheme.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    url.remove_prefix(colon + 3);
  }
  url = url.substr(0, url.find('#'));
  const auto query = std::min(url.find('?'), url.size());
  parts.query = std::string(url.substr(query));
  url = url.substr(0, query);
  const auto path = std::min(url.find('/'), url.size());
  parts.path = std::string(url.substr(path));
  parts.authority = std::string(url.substr(0, path));

  const bool known_scheme = parts.scheme == "http" || parts.scheme == "https";
  if (!known_scheme || !printable(url) || parts.authority.empty() || parts.authority.back() == '@') return std::nullopt;
  return parts;
}

bool names_a_port(std::string_view authority) {
  const auto host = authority.substr(authority.rfind('@') + 1);  // npos + 1 is 0: no user
  const auto colon = host.rfind(':');
  return colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos;
}

std::string full_path(UrlParts parts, const EndpointRules& rules) {
  if (rules.protocol == OtlpProtocol::Grpc) return std::string(path_of(rules.protocol, rules.signal));
  if (rules.as_is) return (parts.path.empty() ? "/" : parts.path) + parts.query;
  while (parts.path.ends_with('/')) parts.path.pop_back();
  return parts.path + std::string(path_of(rules.protocol, rules.signal)) + parts.query;
}

}  // namespace

Result<Endpoint> endpoint_from(std::string_view source, std::string_view text, const EndpointRules& rules) {
  if (text.starts_with(kUnix)) {
    std::string_view path = text.substr(kUnix.size());
    if (path.starts_with("//")) path.remove_prefix(2);  // unix:///run/x names /run/x
    constexpr std::size_t kLongest = 107;  // sockaddr_un.sun_path and its end
    if (!path.starts_with('/') || !printable(path) || path.size() > kLongest)
      return Error{std::string(source) + ": no Unix socket is named so. Write unix:/PATH, at most 107 bytes, e.g. unix:/run/otel.sock."};
    return Endpoint{"http://localhost" + std::string(path_of(rules.protocol, rules.signal)), std::string(path)};
  }
  std::optional<UrlParts> parts = split_url(text, rules.bare_tls ? "https" : "http");
  const bool grpc = rules.protocol == OtlpProtocol::Grpc;
  const char* const usual_port = grpc ? "4317" : rules.protocol == OtlpProtocol::ZipkinJson ? "9411" : "4318";
  if (!parts)
    return Error{std::string(source) + "=" + printable_url(text) + " is no address that spans can be sent to. Write http://HOST:" + usual_port +
                 ", https://HOST:PORT" + (grpc ? "" : "/PATH") + " or unix:/PATH."};
  if (grpc && !names_a_port(parts->authority)) parts->authority += ":4317";
  std::string url = parts->scheme + "://" + parts->authority;
  return Endpoint{url + full_path(*std::move(parts), rules), {}};
}

std::string printable_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const auto colon = url.find("://");
  const std::size_t begin = colon == std::string_view::npos ? 0 : colon + 3;
  const auto slash = std::min(url.find('/', begin), url.size());
  const auto at = url.substr(0, slash).rfind('@');
  std::string out(url.substr(0, begin));
  out += url.substr(at == std::string_view::npos || at < begin ? begin : at + 1);
  std::replace_if(out.begin(), out.end(), [](char c) { return c < ' ' || c == 0x7F; }, '?');
  return out;
}

}  // namespace suture

#include "export/otlp/options.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace suture {
namespace {

constexpr std::string_view kTracesPath = "/v1/traces";

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// A variable's name and value; the value is "" if it is unset or empty, which the specification holds to be the same.
struct Setting {
  std::string name;
  std::string_view value;
};

/// The traces-only form of a variable wins over the general one.
Setting setting_of(const EnvironmentLookup& lookup, std::string_view suffix) {
  for (const char* prefix : {"OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"}) {
    std::string name = prefix + std::string(suffix);
    const char* value = lookup(name.c_str());
    if (value && *value) return {std::move(name), trim(value)};
  }
  return {};
}

/// A URL cut into the parts that we change. `query` begins with '?', `path` with '/', or they are empty.
struct UrlParts {
  std::string scheme;
  std::string authority;
  std::string path;
  std::string query;
};

std::optional<UrlParts> split_url(std::string_view url) {
  UrlParts parts;
  const auto colon = url.find("://");
  if (colon == std::string_view::npos) {
    parts.scheme = "http";  // a bare host:port
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
  const bool printable = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c != 0x7F; });
  if (!known_scheme || !printable || parts.authority.empty() || parts.authority.back() == '@') return std::nullopt;
  return parts;
}

enum class UrlUse { Base, AsIs };

Result<std::string> endpoint_url(std::string_view source, std::string_view text, UrlUse use) {
  auto parts = split_url(text);
  if (!parts) {
    return Error{std::string(source) + "=" + printable_url(text) +
                 " is no address of OTLP/HTTP. Write http://HOST:4318 or https://HOST:PORT/PATH."};
  }
  if (use == UrlUse::Base) {
    while (!parts->path.empty() && parts->path.back() == '/') parts->path.pop_back();
    parts->path += kTracesPath;
  } else if (parts->path.empty()) {
    parts->path = "/";
  }
  return parts->scheme + "://" + parts->authority + parts->path + parts->query;
}

Result<std::string> url_from(const EnvironmentLookup& lookup, std::string_view flag_url) {
  if (!flag_url.empty()) {
    const auto parts = split_url(flag_url);
    const bool complete =
        parts && parts->path.size() >= kTracesPath.size() &&
        parts->path.compare(parts->path.size() - kTracesPath.size(), std::string::npos, kTracesPath) == 0;
    return endpoint_url("--otlp", flag_url, complete ? UrlUse::AsIs : UrlUse::Base);
  }
  const Setting endpoint = setting_of(lookup, "ENDPOINT");
  if (endpoint.value.empty()) return std::string();
  const bool for_traces = endpoint.name == "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  return endpoint_url(endpoint.name, endpoint.value, for_traces ? UrlUse::AsIs : UrlUse::Base);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// W3C Baggage 3.3.1.4: percent-encoded; a '%' that begins no code stands for itself.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded =
        text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
    if (coded) {
      out.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

/// RFC 9110 5.6.2: the characters of a header name.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

/// A decoded line end would let the value write headers of its own.
bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

void read_headers(const Setting& setting, OtlpOptions& options) {
  std::string_view rest = setting.value;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string_view member = trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (member.empty()) continue;
    const auto equals = member.find('=');
    const std::string key = percent_decoded(trim(member.substr(0, equals)));
    const std::string value =
        equals == std::string_view::npos ? std::string() : percent_decoded(trim(member.substr(equals + 1)));
    if (equals == std::string_view::npos || !is_token(key) || !is_field_value(value)) {
      // Neither name nor value is shown: a secret without '=' looks like a name.
      options.warnings.push_back(setting.name +
                                 ": a member is no header and was left out. Write name=value,name2=value2.");
      continue;
    }
    options.headers.emplace_back(key, value);
  }
}

void read_timeout(const Setting& setting, OtlpOptions& options) {
  if (setting.value.empty()) return;
  std::int64_t ms = 0;
  const char* end = setting.value.data() + setting.value.size();
  const auto [stopped, error] = std::from_chars(setting.value.data(), end, ms);
  constexpr std::int64_t kDayMs = 86'400'000;
  if (error == std::errc() && stopped == end && ms > 0 && ms <= kDayMs) {
    options.timeout = std::chrono::milliseconds(ms);
  } else {
    options.warnings.push_back(setting.name + ": '" + std::string(setting.value) + "' is no number of milliseconds; " +
                               std::to_string(options.timeout.count()) + " is used.");
  }
}

void read_compression(const Setting& setting, OtlpOptions& options) {
  if (setting.value.empty() || equals_ignoring_case(setting.value, "gzip")) return;
  if (equals_ignoring_case(setting.value, "none")) {
    options.gzip = false;
  } else {
    options.warnings.push_back(setting.name + ": '" + std::string(setting.value) +
                               "' is neither gzip nor none; gzip is used.");
  }
}

/// An answer only if the protocol is one of OTLP's that we do not speak: sending HTTP to a gRPC port would never work.
Status check_protocol(const Setting& setting, OtlpOptions& options) {
  if (setting.value.empty() || equals_ignoring_case(setting.value, "http/protobuf")) return Nothing{};
  if (equals_ignoring_case(setting.value, "grpc") || equals_ignoring_case(setting.value, "http/json")) {
    return Error{setting.name + "=" + std::string(setting.value) +
                 ": suture speaks http/protobuf only. Set it so, with the endpoint's OTLP/HTTP port (usually 4318)."};
  }
  options.warnings.push_back(setting.name + ": '" + std::string(setting.value) +
                             "' is no protocol of OTLP; http/protobuf is used.");
  return Nothing{};
}

}  // namespace

Result<OtlpOptions> otlp_options_from(const EnvironmentLookup& lookup, std::string_view flag_url) {
  OtlpOptions options;
  Result<std::string> url = url_from(lookup, trim(flag_url));
  if (!url) return Error{url.error()};
  options.url = *url;
  if (!options.enabled()) return options;

  // --otlp is OTLP/HTTP by definition; a protocol that the environment names is meant for other exporters then.
  if (flag_url.empty()) {
    const Status protocol = check_protocol(setting_of(lookup, "PROTOCOL"), options);
    if (!protocol) return Error{protocol.error()};
  }
  read_headers(setting_of(lookup, "HEADERS"), options);
  read_timeout(setting_of(lookup, "TIMEOUT"), options);
  read_compression(setting_of(lookup, "COMPRESSION"), options);
  options.ca_file = std::string(setting_of(lookup, "CERTIFICATE").value);
  for (const char* unsupported : {"CLIENT_KEY", "CLIENT_CERTIFICATE"}) {
    const Setting setting = setting_of(lookup, unsupported);
    if (!setting.value.empty()) options.warnings.push_back(setting.name + " is not supported yet and was left out.");
  }
  return options;
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

#include "export/otlp/options.h"

#include <algorithm>

#include "export/bsp.h"
#include "export/exporter_choice.h"
#include "trace/ascii.h"

namespace suture {
namespace {

std::string prefix_of(OtlpSignal signal) { return signal == OtlpSignal::Metrics ? "OTEL_EXPORTER_OTLP_METRICS_" : "OTEL_EXPORTER_OTLP_TRACES_"; }

/// The form of a variable for one signal wins over the general one.
Setting otlp_setting(const EnvironmentLookup& lookup, OtlpSignal signal, const std::string& suffix) {
  return setting_of(lookup, {prefix_of(signal) + suffix, "OTEL_EXPORTER_OTLP_" + suffix});
}

void read_protocol(const Setting& setting, BackendOptions& options) {
  if (!setting.is_set()) return;
  if (const auto protocol = protocol_named(setting.value)) options.protocol = *protocol;
  else
    options.warnings.push_back(setting.name + ": '" + std::string(setting.value) +
                               "' is none of http/protobuf, http/json, grpc; http/protobuf is used.");
}

void read_compression(const Setting& setting, BackendOptions& options) {
  if (!setting.is_set() || ascii::equals_any_case(setting.value, "gzip")) return;
  if (ascii::equals_any_case(setting.value, "none")) {
    options.gzip = false;
  } else {
    options.warnings.push_back(setting.name + ": '" + std::string(setting.value) +
                               "' is neither gzip nor none; gzip is used.");
  }
}

Result<Endpoint> endpoint_of_environment(const EnvironmentLookup& lookup, BackendOptions& options) {
  const ExporterChoice choice = options.signal == OtlpSignal::Metrics ? metrics_exporter_choice_from(lookup, options.warnings)
                                                                      : exporter_choice_from(lookup, options.warnings);
  if (!choice.otlp) return Endpoint();
  read_protocol(otlp_setting(lookup, options.signal, "PROTOCOL"), options);
  EndpointRules rules{.protocol = options.protocol, .signal = options.signal};
  Setting endpoint = otlp_setting(lookup, options.signal, "ENDPOINT");
  if (!endpoint.is_set()) {
    if (!choice.otlp_by_name) return Endpoint();
    const bool grpc = options.protocol == OtlpProtocol::Grpc;
    return endpoint_from("OTLP's default", grpc ? "http://localhost:4317" : "http://localhost:4318", rules);
  }
  rules.as_is = endpoint.name == prefix_of(options.signal) + "ENDPOINT";
  // The specification: a scheme decides, and gRPC without one is encrypted unless INSECURE says otherwise.
  if (options.protocol == OtlpProtocol::Grpc) rules.bare_tls = !boolean_of(otlp_setting(lookup, options.signal, "INSECURE"), options.warnings);
  return endpoint_from(endpoint.name, endpoint.value, rules);
}

}  // namespace

std::optional<OtlpProtocol> protocol_named(std::string_view name) {
  for (const OtlpProtocol protocol : {OtlpProtocol::HttpProtobuf, OtlpProtocol::HttpJson, OtlpProtocol::Grpc})
    if (ascii::equals_any_case(name, name_of(protocol))) return protocol;
  return std::nullopt;
}

Result<Endpoint> endpoint_of_option(std::string_view source, std::string_view text, BackendOptions& options) {
  std::string url(text);
  for (const auto& [scheme, real] : {std::pair<std::string_view, std::string_view>{"grpc://", "http://"}, {"grpcs://", "https://"}}) {
    if (!text.starts_with(scheme) || options.protocol == OtlpProtocol::ZipkinJson) continue;
    options.protocol = OtlpProtocol::Grpc;
    url = std::string(real) + url.substr(scheme.size());
  }
  const std::string_view of_traces = path_of(options.protocol);
  const std::size_t path_end = std::min(url.find_first_of("?#"), url.size());
  const bool as_is = std::string_view(url).substr(0, path_end).ends_with(of_traces);
  if (as_is && options.signal == OtlpSignal::Metrics)
    url.replace(path_end - of_traces.size(), of_traces.size(), path_of(options.protocol, options.signal));
  return endpoint_from(source, url, {.protocol = options.protocol, .signal = options.signal, .as_is = as_is});
}

void read_sending(const EnvironmentLookup& lookup, BackendOptions& options) {
  constexpr std::int64_t kDayMs = 86'400'000;
  const bool zipkin = options.protocol == OtlpProtocol::ZipkinJson;
  const Setting timeout = zipkin ? setting_of(lookup, {"OTEL_EXPORTER_ZIPKIN_TIMEOUT"}) : otlp_setting(lookup, options.signal, "TIMEOUT");
  if (const auto ms = number_of(timeout, 1, kDayMs, options.timeout.count(), options.warnings)) options.timeout = std::chrono::milliseconds(*ms);
  if (!zipkin) read_compression(otlp_setting(lookup, options.signal, "COMPRESSION"), options);
  if (options.signal == OtlpSignal::Metrics) return;  // OTEL_BSP_* are of spans
  Warnings said_elsewhere;  // whoever makes the batches reads the same variables
  const Bsp bsp = bsp_from(lookup, said_elsewhere);
  options.queue_spans = bsp.queue_spans.value_or(options.queue_spans);
  options.longest_age_is_default = !bsp.export_timeout;
  options.longest_age = bsp.export_timeout.value_or(options.longest_age);
}

void read_certificates(const EnvironmentLookup& lookup, BackendOptions& options) {
  options.tls.ca = otlp_setting(lookup, options.signal, "CERTIFICATE").value;
  options.tls.client_certificate = otlp_setting(lookup, options.signal, "CLIENT_CERTIFICATE").value;
  options.tls.client_key = otlp_setting(lookup, options.signal, "CLIENT_KEY").value;
}

void read_headers(const EnvironmentLookup& lookup, BackendOptions& options) {
  options.headers = headers_from(otlp_setting(lookup, options.signal, "HEADERS"), options.warnings);
}

std::string BackendOptions::shown() const {
  return endpoint.unix_socket.empty() ? printable_url(endpoint.url) : "unix:" + endpoint.unix_socket;
}

std::string BackendOptions::description() const {
  std::string text = name + ": " + shown() + "\n  protocol " + std::string(suture::name_of(protocol)) + (gzip ? ", gzip" : "") + "\n";
  for (const auto& header : headers) text += "  header " + header.first + ": ***\n";
  return text;
}

std::string BackendOptions::file_name() const {
  std::string name = shown() + "-" + std::string(suture::name_of(protocol)) + (gzip ? "-gzip" : "-plain");
  const auto usual = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-'; };
  std::replace_if(name.begin(), name.end(), [&](char c) { return !usual(c); }, '_');
  constexpr std::size_t kLongest = 200;  // file systems take 255; the end tells more than the beginning
  return name.size() > kLongest ? name.substr(name.size() - kLongest) : name;
}

void BackendOptions::spill_to(const std::string& directory, std::size_t bytes) {
  spill_directory = directory;
  spill_bytes = bytes;
  if (longest_age_is_default) longest_age = std::chrono::hours(24);
}

Result<BackendOptions> otlp_options_from(const EnvironmentLookup& lookup, std::string_view flag_url, OtlpProtocol flag_protocol, OtlpSignal signal) {
  BackendOptions options;
  options.signal = signal;
  const std::string_view flag = ascii::trim(flag_url);
  // A protocol that the environment names is meant for the environment's endpoint.
  if (!flag.empty()) options.protocol = flag_protocol;
  Result<Endpoint> endpoint = flag.empty() ? endpoint_of_environment(lookup, options) : endpoint_of_option("--otlp", flag, options);
  if (!endpoint) return Error{endpoint.error()};
  options.endpoint = std::move(endpoint).value();
  if (!options.enabled()) return options;

  read_headers(lookup, options);
  read_sending(lookup, options);
  read_certificates(lookup, options);
  return options;
}

}  // namespace suture

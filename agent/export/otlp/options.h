#pragma once
// BackendOptions: one destination and how to send to it, from the environment variables that OpenTelemetry defines
// (specification v1.60, protocol/exporter.md) and the option --otlp; preset.h has those of --to.

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "export/environment.h"
#include "export/otlp/endpoint.h"
#include "export/otlp/header_list.h"
#include "export/otlp/protocol.h"
#include "export/otlp/temporality.h"

namespace suture {

/// Paths of PEM files; "": the system's authorities, no client certificate. Read again when they change.
struct TlsFiles {
  std::string ca;
  std::string client_certificate;
  std::string client_key;
};

struct BackendOptions {
  std::string name = "otlp";  // in ledgers
  OtlpSignal signal = OtlpSignal::Traces;
  Temporality temporality = Temporality::Cumulative;  // of metrics
  Endpoint endpoint;  // without a URL: none is set
  OtlpProtocol protocol = OtlpProtocol::HttpProtobuf;
  HttpHeaders headers;                        // values are secrets: never logged
  std::chrono::milliseconds timeout{10'000};  // of one attempt; less than 10^8
  bool gzip = true;
  TlsFiles tls;

  std::chrono::milliseconds first_backoff{5'000};
  std::chrono::milliseconds longest_backoff{30'000};
  bool longest_age_is_default = true;
  std::chrono::milliseconds longest_age{300'000};  // spans that could not be sent for so long are dropped
  std::size_t queue_spans = std::numeric_limits<std::size_t>::max();  // that may wait, encoded or not
  std::size_t queue_bytes = 16 * 1024 * 1024;      // not yet encoded: about a second of 15 000 spans
  std::size_t backlog_bytes = 16 * 1024 * 1024;    // encoded and compressed, about 60 B per span

  std::string spill_directory;                     // "": none. Holds one directory for each destination
  std::size_t spill_bytes = 256 * 1024 * 1024;     // what may wait there, for each destination

  Warnings warnings;  // what was set but cannot be followed

  bool enabled() const { return !endpoint.url.empty(); }
  /// The address without secrets.
  std::string shown() const;
  /// For a person, on some lines: address, protocol, and headers with *** for their values.
  std::string description() const;
  /// A name for files of this destination and this form of its requests: of letters, digits, '-' and '_'.
  std::string file_name() const;
  /// Undelivered spans outlive the agent in `directory`. They may become a day old, unless OTEL_BSP_EXPORT_TIMEOUT is set.
  void spill_to(const std::string& directory, std::size_t bytes);
};

/// `flag_url` ("" if not given) wins over the environment's endpoint and is a base like OTEL_EXPORTER_OTLP_ENDPOINT,
/// unless it names the path /v1/traces itself (which is /v1/metrics for those); grpc:// and grpcs:// name their protocol,
/// else it is `flag_protocol`.
/// Fails on an endpoint that cannot work, so that it is noticed at the start.
Result<BackendOptions> otlp_options_from(const EnvironmentLookup& lookup, std::string_view flag_url,
                                         OtlpProtocol flag_protocol = OtlpProtocol::HttpProtobuf, OtlpSignal signal = OtlpSignal::Traces);

/// One of the three ways to carry OTLP, by its name in OTEL_EXPORTER_OTLP_PROTOCOL, in any case.
std::optional<OtlpProtocol> protocol_named(std::string_view name);

// The pieces that presets are made of.

/// An address as options have it: a scheme may name the protocol, and a path that is whole is kept. `source` names it in an
/// error.
Result<Endpoint> endpoint_of_option(std::string_view source, std::string_view text, BackendOptions& options);
/// Timeouts, compression and bounds, as the variables say.
void read_sending(const EnvironmentLookup& lookup, BackendOptions& options);
/// The variables' certificates, and their headers: secrets of the destinations that OTLP's variables are about.
void read_certificates(const EnvironmentLookup& lookup, BackendOptions& options);
void read_headers(const EnvironmentLookup& lookup, BackendOptions& options);

}  // namespace suture

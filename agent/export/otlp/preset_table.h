#pragma once
// The table of presets. Read by preset.cpp alone.

#include <string_view>

#include "export/otlp/protocol.h"
#include "export/otlp/temporality.h"

namespace suture {

struct Preset {
  std::string_view name;
  OtlpProtocol protocol;
  std::string_view key_variable = {};  // the usual one; "": the backend wants no key
  std::string_view key_header = {};
  std::string_view user_variable = {};  // set: its value is the user, the key the password of Basic authentication
  std::string_view place_variable = {};  // if --to does not say where: names a region or site, or is the URL itself
  std::string_view fixed_header = {}, fixed_value = {};  // of spans
  bool metrics = false;  // it takes metrics by OTLP too, in the same place and with the same key
  Temporality temporality = Temporality::Cumulative;  // that it takes them in
};

inline constexpr auto kHttp = OtlpProtocol::HttpProtobuf;

// What vendors document, as their pages were in November 2026; nothing was sent to any of them.
//   datadog        docs.datadoghq.com/opentelemetry/setup/otlp_ingest/traces and /metrics, which takes deltas alone; compute_stats asks for
//                  metrics of the traces
//   newrelic       docs.newrelic.com/docs/opentelemetry/best-practices/opentelemetry-otlp; deltas become counts, sums from the start gauges
//   honeycomb      docs.honeycomb.io/send-data/opentelemetry
//   lightstep      docs.lightstep.com/docs/already-using-collectors
//   grafana-cloud  grafana.com/docs/grafana-cloud/send-data/otlp/send-data-otlp
inline constexpr Preset kPresets[] = {
    {.name = "jaeger", .protocol = kHttp},
    {.name = "collector", .protocol = kHttp, .metrics = true},
    {.name = "tempo", .protocol = kHttp},
    {.name = "zipkin", .protocol = OtlpProtocol::ZipkinJson, .place_variable = "OTEL_EXPORTER_ZIPKIN_ENDPOINT"},
    {.name = "datadog", .protocol = kHttp, .key_variable = "DD_API_KEY", .key_header = "dd-api-key", .place_variable = "DD_SITE",
     .fixed_header = "compute_stats", .fixed_value = "true", .metrics = true, .temporality = Temporality::Delta},
    {.name = "newrelic", .protocol = kHttp, .key_variable = "NEW_RELIC_LICENSE_KEY", .key_header = "api-key",
     .metrics = true, .temporality = Temporality::Delta},
    {.name = "honeycomb", .protocol = kHttp, .key_variable = "HONEYCOMB_API_KEY", .key_header = "x-honeycomb-team",
     .metrics = true},
    {.name = "lightstep", .protocol = OtlpProtocol::Grpc, .key_variable = "LS_ACCESS_TOKEN", .key_header = "lightstep-access-token",
     .metrics = true},
    {.name = "grafana-cloud", .protocol = kHttp, .key_variable = "GRAFANA_CLOUD_API_KEY", .key_header = "authorization",
     .user_variable = "GRAFANA_CLOUD_INSTANCE_ID", .metrics = true},
    {.name = "otlp", .protocol = kHttp, .metrics = true},
};

struct Place {
  std::string_view preset;
  std::string_view region;
  std::string_view url;
  std::string_view site = {};  // the vendor's other name for the region
};

// The first of a preset is its default.
inline constexpr Place kPlaces[] = {
    {"jaeger", "", "http://127.0.0.1:4318"},
    {"collector", "", "http://127.0.0.1:4318"},
    {"tempo", "", "http://127.0.0.1:4318"},
    {"zipkin", "", "http://127.0.0.1:9411"},
    {"datadog", "us1", "https://otlp.datadoghq.com", "datadoghq.com"},
    {"datadog", "us3", "https://otlp.us3.datadoghq.com", "us3.datadoghq.com"},
    {"datadog", "us5", "https://otlp.us5.datadoghq.com", "us5.datadoghq.com"},
    {"datadog", "eu", "https://otlp.datadoghq.eu", "datadoghq.eu"},
    {"datadog", "ap1", "https://otlp.ap1.datadoghq.com", "ap1.datadoghq.com"},
    {"datadog", "ap2", "https://otlp.ap2.datadoghq.com", "ap2.datadoghq.com"},
    {"newrelic", "us", "https://otlp.nr-data.net"},
    {"newrelic", "eu", "https://otlp.eu01.nr-data.net"},
    {"newrelic", "jp", "https://otlp.jp.nr-data.net"},
    {"newrelic", "gov", "https://gov-otlp.nr-data.net"},
    {"honeycomb", "us", "https://api.honeycomb.io"},
    {"honeycomb", "eu", "https://api.eu1.honeycomb.io"},
    {"lightstep", "us", "grpcs://ingest.lightstep.com:443"},
    {"lightstep", "eu", "grpcs://ingest.eu.lightstep.com:443"},
};
// A stack of Grafana Cloud lies in one of many zones, e.g. prod-eu-west-2: none is the default.
inline constexpr std::string_view kZonePreset = "grafana-cloud";
inline constexpr std::string_view kZoneUrl[] = {"https://otlp-gateway-", ".grafana.net/otlp"};

}  // namespace suture

#pragma once
// Every label (attribute) of a metric that suture exports, by its name in OpenTelemetry's semantic conventions v1.44.0 or in
// the service graphs of Tempo; our own carry the prefix "suture.". A new label is a new row.

#include <array>
#include <cstdint>
#include <string_view>

namespace suture {

// X(enumerator, name)
#define SUTURE_LABEL_KEYS(X)                              \
  X(HttpRequestMethod, "http.request.method")             \
  X(HttpResponseStatusCode, "http.response.status_code")  \
  X(HttpRoute, "http.route")                              \
  X(UrlScheme, "url.scheme")                              \
  X(ServerAddress, "server.address")                      \
  X(ServerPort, "server.port")                            \
  X(NetworkProtocolName, "network.protocol.name")         \
  X(NetworkProtocolVersion, "network.protocol.version")   \
  X(ErrorType, "error.type")                              \
  X(Client, "client")                                     \
  X(Server, "server")                                     \
  X(ConnectionType, "connection_type")                    \
  X(Service, "service")                                   \
  X(Peer, "peer")                                         \
  X(State, "state")                                       \
  X(OtelMetricOverflow, "otel.metric.overflow")           \
  X(OtelComponentName, "otel.component.name")             \
  X(SutureReason, "suture.reason")                        \
  X(SutureLinkMethod, "suture.link.method")               \
  X(SutureLinkRule, "suture.link.rule")                   \
  X(SutureInFlight, "suture.in_flight")

enum class LabelKey : std::uint8_t {
#define X(enumerator, name) enumerator,
  SUTURE_LABEL_KEYS(X)
#undef X
};

inline constexpr auto kLabelNames = std::to_array<std::string_view>({
#define X(enumerator, name) name,
    SUTURE_LABEL_KEYS(X)
#undef X
});

inline constexpr std::string_view name_of(LabelKey key) { return kLabelNames[static_cast<std::size_t>(key)]; }

}  // namespace suture

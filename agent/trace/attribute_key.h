#pragma once
// Every span attribute that suture exports, by its name in OpenTelemetry's semantic conventions v1.44.0; our own carry
// the prefix "suture.". A new attribute is a new row.

#include <array>
#include <cstdint>
#include <string_view>

namespace suture {

// X(enumerator, name)
#define SUTURE_ATTRIBUTE_KEYS(X)                                  \
  X(HttpRequestMethod, "http.request.method")                     \
  X(HttpRequestMethodOriginal, "http.request.method_original")    \
  X(HttpResponseStatusCode, "http.response.status_code")          \
  X(HttpRoute, "http.route")                                      \
  X(HttpRequestBodySize, "http.request.body.size")                \
  X(HttpResponseBodySize, "http.response.body.size")              \
  X(UrlFull, "url.full")                                          \
  X(UrlPath, "url.path")                                          \
  X(UrlQuery, "url.query")                                        \
  X(UrlScheme, "url.scheme")                                      \
  X(ServerAddress, "server.address")                              \
  X(ServerPort, "server.port")                                    \
  X(ClientAddress, "client.address")                              \
  X(NetworkPeerAddress, "network.peer.address")                   \
  X(NetworkPeerPort, "network.peer.port")                         \
  X(NetworkProtocolName, "network.protocol.name")                 \
  X(NetworkProtocolVersion, "network.protocol.version")           \
  X(NetworkTransport, "network.transport")                        \
  X(UserAgentOriginal, "user_agent.original")                     \
  X(ErrorType, "error.type")                                      \
  X(SutureWaitNs, "suture.wait_ns")                               \
  X(SutureBaggage, "suture.baggage")                              \
  X(SuturePathTemplate, "suture.path_template")                   \
  X(SutureLinkMethod, "suture.link.method")                       \
  X(SutureLinkConfidence, "suture.link.confidence")               \
  X(SutureLinkUnaudited, "suture.link.unaudited")                 \
  X(SutureEdgeId, "suture.edge.id")                               \
  X(SutureObserved, "suture.observed")                            \
  X(SuturePartial, "suture.partial")                              \
  X(SutureEndUnconfirmed, "suture.end.unconfirmed")               \
  X(SutureHeadTruncated, "suture.head.truncated")                 \
  X(SutureHttpSuspicious, "suture.http.suspicious")

enum class AttributeKey : std::uint8_t {
#define X(enumerator, name) enumerator,
  SUTURE_ATTRIBUTE_KEYS(X)
#undef X
};

inline constexpr auto kAttributeNames = std::to_array<std::string_view>({
#define X(enumerator, name) name,
    SUTURE_ATTRIBUTE_KEYS(X)
#undef X
});

inline constexpr std::string_view name_of(AttributeKey key) { return kAttributeNames[static_cast<std::size_t>(key)]; }

}  // namespace suture

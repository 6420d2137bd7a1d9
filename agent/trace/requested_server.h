#pragma once
// RequestedServer: where a request goes, by what it says itself and else by its connection (semantic conventions v1.44.0,
// HTTP: server.address and server.port).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proto/exchange.h"
#include "trace/authority.h"
#include "trace/endpoints.h"
#include "trace/request_target.h"

namespace suture {

inline constexpr std::uint16_t kHttpPort = 80;  // RFC 9110 section 4.2.1

/// The target's host if it names one, for then Host does not count (RFC 9112 section 3.2.2), else Host.
std::optional<Authority> requested_authority(const HttpRequest& request, const RequestTarget& target);

/// Views into what it was made of.
struct ServerName {
  std::string_view address;  // "": not known
  std::uint16_t port = 0;    // 0: none
};

/// An authority without a port means its scheme's default, but on a Unix socket none. Without an authority both are those of
/// the socket.
ServerName server_name(const std::optional<Authority>& authority, std::string_view scheme, AddressFamily family,
                       const AddressText& socket_address, std::uint16_t socket_port);

/// "stock:8080", "[::1]:80", "/run/stock.sock": whom a request was sent to, for people. By the name that it asks for where that
/// may be the peer's: the target names it, or Host has the connection's port. Proxies hand on the Host that they were asked for.
std::string peer_name(const HttpRequest& request, const RequestTarget& target, const Endpoints& endpoints);

}  // namespace suture

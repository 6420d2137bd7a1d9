#include "trace/requested_server.h"

namespace suture {
namespace {

constexpr std::uint16_t kHttpsPort = 443;

}  // namespace

std::optional<Authority> requested_authority(const HttpRequest& request, const RequestTarget& target) {
  std::optional<Authority> authority = parse_authority(target.authority);
  if (!authority) authority = parse_authority(request.host.in(request.head));
  return authority;
}

ServerName server_name(const std::optional<Authority>& authority, std::string_view scheme, AddressFamily family,
                       const AddressText& socket_address, std::uint16_t socket_port) {
  if (!authority) return {socket_address.view(), socket_port};
  ServerName name{authority->host, authority->port};
  if (name.port != 0 || family == AddressFamily::Unix) return name;
  if (scheme == "http") name.port = kHttpPort;
  if (scheme == "https") name.port = kHttpsPort;
  return name;
}

std::string peer_name(const HttpRequest& request, const RequestTarget& target, const Endpoints& endpoints) {
  const AddressText peer(endpoints.family, endpoints.remote, endpoints.remote_path);
  if (endpoints.family == AddressFamily::Unix && !peer.view().empty()) return std::string(peer.view());
  const std::string_view scheme = target.scheme.empty() ? "http" : target.scheme;
  ServerName name = server_name(requested_authority(request, target), scheme, endpoints.family, peer, endpoints.remote_port);
  if (target.form != RequestTarget::Form::Absolute && name.port != endpoints.remote_port) name = {peer.view(), endpoints.remote_port};
  const bool brackets = name.address.find(':') != std::string_view::npos;
  std::string out;
  if (brackets) out.push_back('[');
  out.append(name.address);
  if (brackets) out.push_back(']');
  if (name.port != 0) out.append(":").append(std::to_string(name.port));
  return out;
}

}  // namespace suture

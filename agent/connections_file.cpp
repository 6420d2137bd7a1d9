#include "connections_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <spdlog/spdlog.h>

#include "base/json_writer.h"
#include "trace/endpoints.h"

namespace suture {
namespace {

std::string_view verdict_name(std::uint8_t verdict) {
  switch (verdict) {
    case VERDICT_TLS: return "tls";
    case VERDICT_HTTP2: return "http2";
    case VERDICT_UPGRADED: return "upgraded";
    case VERDICT_OTHER: return "other";
    case VERDICT_HTTP: return "http";
    default: return "unknown";
  }
}

std::string address_text(const event_connection& facts, const std::uint8_t (&bytes)[16]) {
  AddressBytes address;
  std::memcpy(address.data(), bytes, address.size());
  const auto family = facts.family == 10 ? AddressFamily::Inet6 : facts.family == 2 ? AddressFamily::Inet : AddressFamily::None;
  return std::string(AddressText(family, address).view());
}

}  // namespace

Result<std::unique_ptr<ConnectionsFile>> ConnectionsFile::open(const std::string& path) {
  if (path.empty()) return std::unique_ptr<ConnectionsFile>();
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (!fd.valid()) return Error{"connections file '" + path + "': " + std::strerror(errno) + ". Choose a path that can be written."};
  return std::unique_ptr<ConnectionsFile>(new ConnectionsFile(std::move(fd)));
}

void ConnectionsFile::on_edge(const Edge& edge, const Resource& resource) {
  const event_connection& f = edge.facts;
  std::string line;
  JsonWriter json(line);
  const auto text = [&](std::string_view key, std::string_view value) { json.key(key), json.text(value); };
  const auto integer = [&](std::string_view key, std::uint64_t value) { json.key(key), json.integer(static_cast<std::int64_t>(value)); };
  json.begin_object();
  text("service", resource.service_name());
  integer("pid", f.tgid);
  text("role", f.role == ROLE_CLIENT ? "client" : f.role == ROLE_SERVER ? "server" : "unknown");
  text("verdict", verdict_name(f.verdict));
  text("local_address", address_text(f, f.local_address));
  integer("local_port", f.local_port);
  text("peer_address", address_text(f, f.remote_address));
  integer("peer_port", f.remote_port);
  integer("connect_ns", edge.connect_ns());
  json.key("connect_failed"), json.boolean(edge.connect_failed());
  integer("errno", f.error);
  integer("sent_bytes", f.sent_bytes);
  integer("received_bytes", f.received_bytes);
  integer("retransmits", f.retransmits);
  json.key("ended"), json.boolean(edge.ended);
  json.end_object();
  line += '\n';
  if (::write(fd_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) && !failed_) {
    failed_ = true;
    spdlog::warn("connections file: {}; connections are lost from here on", std::strerror(errno));
  }
}

}  // namespace suture

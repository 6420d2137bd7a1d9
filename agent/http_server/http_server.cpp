#include "http_server/http_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <strings.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/fd.h"
#include "http_server/address.h"

namespace suture {
namespace {

constexpr int kWaitingConnections = 64;  // not accepted yet
constexpr const char* kRetrySeconds = "1";

using Clock = std::chrono::steady_clock;

std::uint16_t port_of(const sockaddr* address) {
  // Both families have the port at the same place.
  return address ? ntohs(reinterpret_cast<const sockaddr_in*>(address)->sin_port) : std::uint16_t{0};
}

MHD_Result add_header(void* headers, MHD_ValueKind, const char* name, const char* value) {
  static_cast<std::vector<std::pair<std::string_view, std::string_view>>*>(headers)->emplace_back(name, value ? value : "");
  return MHD_YES;
}

MHD_Result answer(MHD_Connection* connection, const HttpServer::Response& response) {
  MHD_Response* const message =
      MHD_create_response_from_buffer(response.body.size(), const_cast<char*>(response.body.data()), MHD_RESPMEM_MUST_COPY);
  if (message == nullptr) return MHD_NO;
  if (!response.content_type.empty()) MHD_add_response_header(message, MHD_HTTP_HEADER_CONTENT_TYPE, response.content_type.c_str());
  for (const auto& [name, value] : response.headers) MHD_add_response_header(message, name.c_str(), value.c_str());
  const MHD_Result queued = MHD_queue_response(connection, response.status, message);
  MHD_destroy_response(message);
  return queued;
}

/// What the request says of its body's length; one that is chunked says nothing.
std::uint64_t announced_bytes(MHD_Connection* connection) {
  const char* const text = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
  std::uint64_t bytes = 0;
  if (text != nullptr) std::from_chars(text, text + std::strlen(text), bytes);
  return bytes;
}

/// A request that is being read.
struct Reading {
  std::string body;
  Clock::time_point since = Clock::now();
  unsigned refused = 0;  // the status that its end is answered with
};

}  // namespace

std::string_view HttpServer::Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key.size() == name.size() && ::strncasecmp(key.data(), name.data(), name.size()) == 0) return value;
  return {};
}

struct HttpServer::State {
  State(Limits limits_in, Handler handler_in) : limits(limits_in), handler(std::move(handler_in)) {}
  ~State() {
    if (daemon) MHD_stop_daemon(daemon);
  }

  const Limits limits;
  const Handler handler;
  std::size_t reading_bytes = 0;  // of all bodies that are being read; the server's thread only
  std::uint16_t port = 0;
  MHD_Daemon* daemon = nullptr;

  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* path, const char* method, const char*, const char* data,
                               std::size_t* data_bytes, void** request);
  static void on_over(void* self, MHD_Connection*, void** request, MHD_RequestTerminationCode);
  MHD_Result begin(MHD_Connection* connection, void** request) const;
  MHD_Result read(Reading& reading, std::string_view data);
  void release(Reading& reading);
  MHD_Result finish(MHD_Connection* connection, Reading& reading, const char* path, const char* method);
};

/// Called for the head, then for each piece of the body, then for the end.
MHD_Result HttpServer::State::on_request(void* self, MHD_Connection* connection, const char* path, const char* method, const char*,
                                         const char* data, std::size_t* data_bytes, void** request) {
  State& state = *static_cast<State*>(self);
  if (*request == nullptr) return state.begin(connection, request);
  Reading& reading = *static_cast<Reading*>(*request);
  if (*data_bytes == 0) return state.finish(connection, reading, path, method);
  const std::size_t bytes = std::exchange(*data_bytes, 0);
  return state.read(reading, {data, bytes});
}

MHD_Result HttpServer::State::begin(MHD_Connection* connection, void** request) const {
  if (announced_bytes(connection) > limits.body_bytes) return answer(connection, {.status = MHD_HTTP_CONTENT_TOO_LARGE});
  *request = std::make_unique<Reading>().release();  // on_over() takes it back
  return MHD_YES;
}

/// An answer can only be given at the end: what comes until then is read and thrown away.
MHD_Result HttpServer::State::read(Reading& reading, std::string_view data) {
  if (Clock::now() - reading.since > limits.request) return MHD_NO;
  if (reading.refused != 0) return MHD_YES;
  if (reading.body.size() + data.size() > limits.body_bytes) reading.refused = MHD_HTTP_CONTENT_TOO_LARGE;
  else if (reading_bytes + data.size() > limits.bodies_bytes) reading.refused = MHD_HTTP_SERVICE_UNAVAILABLE;
  if (reading.refused != 0) {
    release(reading);
    return MHD_YES;
  }
  reading.body.append(data);
  reading_bytes += data.size();
  return MHD_YES;
}

void HttpServer::State::release(Reading& reading) {
  reading_bytes -= reading.body.size();
  std::string().swap(reading.body);
}

MHD_Result HttpServer::State::finish(MHD_Connection* connection, Reading& reading, const char* path, const char* method) {
  if (reading.refused == MHD_HTTP_SERVICE_UNAVAILABLE)
    return answer(connection, {.status = reading.refused, .headers = {{MHD_HTTP_HEADER_RETRY_AFTER, kRetrySeconds}}});
  if (reading.refused != 0) return answer(connection, {.status = reading.refused});
  Request request;
  request.method = method;
  request.path = path;
  MHD_get_connection_values(connection, MHD_HEADER_KIND, add_header, &request.headers);
  const MHD_ConnectionInfo* const peer = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  request.peer_port = port_of(peer ? peer->client_addr : nullptr);
  reading_bytes -= reading.body.size();
  request.body = std::exchange(reading.body, {});
  return answer(connection, handler(std::move(request)));
}

void HttpServer::State::on_over(void* self, MHD_Connection*, void** request, MHD_RequestTerminationCode) {
  const std::unique_ptr<Reading> reading(static_cast<Reading*>(std::exchange(*request, nullptr)));
  if (reading) static_cast<State*>(self)->release(*reading);
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(std::string_view source, std::string_view text, Limits limits, Handler handler) {
  const Result<ListenAddress> address = listen_address_from(source, text);
  if (!address) return Error{address.error()};
  const auto failed = [&](int error) {
    const char* const mend = error == EADDRINUSE     ? ". Another program listens there: choose another port, or end it."
                             : error == EADDRNOTAVAIL ? ". No interface has this address."
                             : error == EACCES        ? ". Ports below 1024 need CAP_NET_BIND_SERVICE."
                                                      : "";
    return Error{std::string(source) + " " + std::string(text) + ": " + std::strerror(error) + mend};
  };
  Fd listener(::socket(address.value().socket.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int yes = 1;
  if (!listener.valid()) return failed(errno);
  ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));  // the connections of an agent before are still in TIME_WAIT
  if (::bind(listener.get(), address.value().generic(), address.value().bytes) != 0 || ::listen(listener.get(), kWaitingConnections) != 0)
    return failed(errno);
  sockaddr_storage bound{};
  socklen_t bytes = sizeof(bound);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&bound), &bytes);

  auto state = std::make_unique<State>(limits, std::move(handler));
  state->port = port_of(reinterpret_cast<sockaddr*>(&bound));
  state->daemon = MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD, 0, nullptr, nullptr, &State::on_request, state.get(),
      MHD_OPTION_LISTEN_SOCKET, listener.get(), MHD_OPTION_NOTIFY_COMPLETED, &State::on_over, state.get(),
      MHD_OPTION_CONNECTION_LIMIT, static_cast<unsigned>(limits.connections), MHD_OPTION_CONNECTION_MEMORY_LIMIT, limits.head_bytes,
      MHD_OPTION_CONNECTION_TIMEOUT, static_cast<unsigned>(limits.idle.count()), MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
  if (state->daemon == nullptr) return failed(errno);
  (void)listener.release();  // the daemon closes it
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const { return state_->port; }

}  // namespace suture

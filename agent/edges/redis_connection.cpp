#include "edges/redis_connection.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <curl/curl.h>
#include <hiredis/hiredis.h>

namespace suture {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;

struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ReaderDeleter {
  void operator()(redisReader* reader) const { redisReaderFree(reader); }
};

RedisReply reply_of(const redisReply& raw) {
  switch (raw.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS: return {RedisReply::Kind::Text, std::string(raw.str, static_cast<std::size_t>(raw.len))};
    case REDIS_REPLY_ERROR: return {RedisReply::Kind::Error, std::string(raw.str, static_cast<std::size_t>(raw.len))};
    case REDIS_REPLY_NIL: return {RedisReply::Kind::Nil, {}};
    default: return {};
  }
}

long milliseconds_until(RedisConnection::Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - RedisConnection::Clock::now());
  return left.count() > 0 ? static_cast<long>(left.count()) : 0;
}

std::string bytes_of(const std::vector<RedisWords>& commands) {
  std::string bytes;
  std::vector<const char*> words;
  std::vector<std::size_t> lengths;
  for (const RedisWords& command : commands) {
    words.clear(), lengths.clear();
    for (std::string_view word : command) words.push_back(word.data()), lengths.push_back(word.size());
    char* text = nullptr;
    const int length = redisFormatCommandArgv(&text, static_cast<int>(words.size()), words.data(), lengths.data());
    if (length > 0) bytes.append(text, static_cast<std::size_t>(length));
    redisFreeCommand(text);
  }
  return bytes;
}

}  // namespace

struct RedisConnection::Handles {
  std::unique_ptr<CURL, EasyDeleter> easy{curl_easy_init()};
  std::unique_ptr<redisReader, ReaderDeleter> reader{redisReaderCreate()};
  curl_socket_t socket = CURL_SOCKET_BAD;
  std::array<char, CURL_ERROR_SIZE> error{};

  /// Waits until the socket may be ready. False: the deadline has passed.
  bool wait(short events, Clock::time_point deadline) const {
    pollfd polled{socket, events, 0};
    const long left = milliseconds_until(deadline);
    return left > 0 && (::poll(&polled, 1, static_cast<int>(left)) > 0 || errno == EINTR);
  }
};

RedisConnection::RedisConnection(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
RedisConnection::~RedisConnection() = default;
RedisConnection::RedisConnection(RedisConnection&&) noexcept = default;
RedisConnection& RedisConnection::operator=(RedisConnection&&) noexcept = default;

Result<RedisConnection> RedisConnection::open(const RedisAddress& address, Clock::time_point deadline) {
  auto handles = std::make_unique<Handles>();
  CURL* const easy = handles->easy.get();
  if (easy == nullptr || !handles->reader) return Error{"out of memory"};
  const std::string host = address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]";
  const std::string url = (address.tls ? "https://" : "http://") + host + ":" + std::to_string(address.port);
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, std::max(milliseconds_until(deadline), 1L));
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a name server that does not answer must not hold us up
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, handles->error.data());
  if (!address.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, address.ca_file.c_str());
  const CURLcode code = curl_easy_perform(easy);
  if (code != CURLE_OK) return Error{handles->error[0] != '\0' ? handles->error.data() : curl_easy_strerror(code)};
  curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &handles->socket);
  if (handles->socket == CURL_SOCKET_BAD) return Error{"the connection ended at once"};
  RedisConnection connection(std::move(handles));
  if (Status greeted = connection.greet(address, deadline); !greeted) return Error{greeted.error()};
  return connection;
}

Status RedisConnection::greet(const RedisAddress& address, Clock::time_point deadline) {
  std::vector<RedisWords> commands;
  if (!address.password.empty() && !address.user.empty()) commands.push_back({"AUTH", address.user, address.password});
  else if (!address.password.empty()) commands.push_back({"AUTH", address.password});
  const std::string database = std::to_string(address.database);
  if (address.database != 0) commands.push_back({"SELECT", database});
  if (commands.empty()) return Nothing{};
  Result<std::vector<RedisReply>> replies = exchange(commands, deadline);
  if (!replies) return Error{replies.error()};
  // Of an error its first word, the code: a server that does not know AUTH repeats what it was sent.
  for (const RedisReply& reply : *replies)
    if (reply.kind == RedisReply::Kind::Error) return Error{"it refuses the user, the password or the database (" + reply.text.substr(0, reply.text.find(' ')) + ")"};
  return Nothing{};
}

Status RedisConnection::send(std::string_view bytes, Clock::time_point deadline) {
  while (!bytes.empty()) {
    std::size_t sent = 0;
    const CURLcode code = curl_easy_send(handles_->easy.get(), bytes.data(), bytes.size(), &sent);
    bytes.remove_prefix(sent);
    if (code == CURLE_OK) continue;
    if (code != CURLE_AGAIN) return Error{curl_easy_strerror(code)};
    if (!handles_->wait(POLLOUT, deadline)) return Error{"it takes too long to send"};
  }
  return Nothing{};
}

Result<std::vector<RedisReply>> RedisConnection::exchange(const std::vector<RedisWords>& commands, Clock::time_point deadline) {
  std::vector<RedisReply> replies;
  if (Status sent = send(bytes_of(commands), deadline); !sent) return Error{sent.error()};
  std::array<char, kReadBytes> buffer;
  while (replies.size() < commands.size()) {
    void* raw = nullptr;
    if (redisReaderGetReply(handles_->reader.get(), &raw) != REDIS_OK) return Error{std::string("it does not speak Redis' protocol: ") + handles_->reader->errstr};
    if (raw != nullptr) {
      replies.push_back(reply_of(*static_cast<redisReply*>(raw)));
      freeReplyObject(raw);
      continue;
    }
    std::size_t got = 0;
    const CURLcode code = curl_easy_recv(handles_->easy.get(), buffer.data(), buffer.size(), &got);
    if (code == CURLE_OK && got == 0) return Error{"it has closed the connection"};
    if (code == CURLE_OK) redisReaderFeed(handles_->reader.get(), buffer.data(), got);
    else if (code != CURLE_AGAIN) return Error{curl_easy_strerror(code)};
    else if (!handles_->wait(POLLIN, deadline)) return Error{"it takes too long to answer"};
  }
  return replies;
}

}  // namespace suture

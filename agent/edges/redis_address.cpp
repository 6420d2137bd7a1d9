#include "edges/redis_address.h"

#include <charconv>
#include <memory>
#include <optional>

#include <curl/curl.h>

namespace suture {
namespace {

constexpr unsigned kMostDatabases = 65'536;  // far beyond what is configured anywhere (16)

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlDeleter>;

/// Nothing: it cannot be decoded. "": there is none.
std::optional<std::string> part_of(const Url& url, CURLUPart part, CURLUcode none, unsigned flags = 0) {
  char* text = nullptr;
  const CURLUcode code = curl_url_get(url.get(), part, &text, flags);
  if (code == none) return "";
  if (code != CURLUE_OK) return std::nullopt;
  std::string value(text);
  curl_free(text);
  return value;
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

Error refused(const char* why) {
  return Error{std::string("--edges: ") + why + ". Write redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], or rediss:// for TLS, e.g. redis://10.0.0.5:6379."};
}

}  // namespace

std::string RedisAddress::shown() const {
  const bool brackets = host.find(':') != std::string::npos;
  std::string text = tls ? "rediss://" : "redis://";
  text += brackets ? "[" + host + "]" : host;
  text += ":" + std::to_string(port);
  return database == 0 ? text : text + "/" + std::to_string(database);
}

Result<RedisAddress> redis_address_from(std::string_view text) {
  // What is wrong is said without the text: it may hold the password.
  RedisAddress address;
  address.tls = text.starts_with("rediss://");
  if (!address.tls && !text.starts_with("redis://")) return refused("the value is no URL that begins with redis:// or rediss://");
  const Url url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    return refused("the URL cannot be read; a password with one of @ : / ? # % is written percent-encoded, as %40 %3A %2F %3F %23 %25");
  const auto host = part_of(url, CURLUPART_HOST, CURLUE_NO_HOST);
  const auto port = part_of(url, CURLUPART_PORT, CURLUE_NO_PORT);
  const auto path = part_of(url, CURLUPART_PATH, CURLUE_LAST);
  const auto user = part_of(url, CURLUPART_USER, CURLUE_NO_USER, CURLU_URLDECODE);
  const auto password = part_of(url, CURLUPART_PASSWORD, CURLUE_NO_PASSWORD, CURLU_URLDECODE);
  const auto query = part_of(url, CURLUPART_QUERY, CURLUE_NO_QUERY);
  if (!host || host->empty()) return refused("the URL names no host");
  if (!port || (!port->empty() && (!read_number(*port, address.port) || address.port == 0))) return refused("the port is no number from 1 to 65535");
  if (!user || !password) return refused("user or password hold what cannot be percent-decoded");
  if (!query || !query->empty()) return refused("the URL has a query (?...), which means nothing here");
  address.host = host->starts_with('[') ? host->substr(1, host->size() - 2) : *host;
  address.user = *user;
  address.password = *password;
  const std::string_view database = path ? std::string_view(*path).substr(path->starts_with('/')) : std::string_view();
  if (!database.empty() && (!read_number(database, address.database) || address.database >= kMostDatabases))
    return refused("behind the host stands what is no number of a database");
  return address;
}

}  // namespace suture

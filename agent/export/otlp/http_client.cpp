#include "export/otlp/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "export/otlp/file_stamps.h"
#include "export/otlp_common.h"

namespace suture {
namespace {

// OTLP 1.11, "Response size": the answer, decompressed, must be capped.
constexpr std::size_t kMaxReplyBytes = 4 * 1024 * 1024;
// libcurl has work of its own to do (timeouts, name resolution) at least so often.
constexpr std::chrono::milliseconds kMaxPoll{1000};

struct MultiDeleter {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct EasyDeleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListDeleter {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

using HeaderList = std::unique_ptr<curl_slist, ListDeleter>;

void append(HeaderList& list, const std::string& line) {
  if (curl_slist* longer = curl_slist_append(list.get(), line.c_str())) {
    static_cast<void>(list.release());
    list.reset(longer);
  }
}

const char* content_type_of(OtlpProtocol protocol) {
  switch (protocol) {
    case OtlpProtocol::HttpJson:
    case OtlpProtocol::ZipkinJson:
      return "application/json";
    case OtlpProtocol::Grpc:
      return "application/grpc";
    case OtlpProtocol::HttpProtobuf:
      break;
  }
  return "application/x-protobuf";
}

HeaderList headers_of(const BackendOptions& options) {
  HeaderList list;
  // libcurl would announce large bodies by "Expect: 100-continue" and lose a round trip to each.
  append(list, "Expect:");
  append(list, std::string("Content-Type: ") + content_type_of(options.protocol));
  if (options.protocol == OtlpProtocol::Grpc) {
    append(list, "TE: trailers");
    append(list, "grpc-timeout: " + std::to_string(options.timeout.count()) + "m");  // at most eight digits, as options.h has it
    if (options.gzip) append(list, "grpc-encoding: gzip");
  } else if (options.gzip) {
    append(list, "Content-Encoding: gzip");
  }
  for (const auto& [name, value] : options.headers)
    append(list, value.empty() ? name + ";" : name + ": " + value);  // libcurl's way to write an empty value
  return list;
}

/// What came so far of an answer.
struct Incoming {
  HttpReply reply;
  bool too_large = false;
};

std::size_t on_body(const char* data, std::size_t, std::size_t length, void* user) {
  auto& incoming = *static_cast<Incoming*>(user);
  if (length > kMaxReplyBytes - incoming.reply.body.size()) {
    incoming.too_large = true;
    return 0;  // ends the transfer
  }
  incoming.reply.body.append(data, length);
  return length;
}

/// Takes "name: value", of headers and of trailers alike.
std::size_t on_header(const char* data, std::size_t, std::size_t length, void* user) {
  HttpReply& reply = static_cast<Incoming*>(user)->reply;
  std::string_view line(data, length);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  const std::pair<std::string_view, std::string*> wanted[] = {
      {"grpc-status: ", &reply.grpc_status},
      {"grpc-message: ", &reply.grpc_message},
      {"grpc-status-details-bin: ", &reply.grpc_status_details},
  };
  for (const auto& [name, value] : wanted)  // HTTP/2 has names in lower case
    if (line.starts_with(name)) *value = line.substr(name.size());
  return length;
}

}  // namespace

struct HttpClient::Handles {
  explicit Handles(const TlsFiles& tls) : tls_files({tls.ca, tls.client_certificate, tls.client_key}) {}

  FileStamps tls_files;
  bool fresh = false;  // the files changed, and no request has succeeded since
  std::unique_ptr<CURLM, MultiDeleter> multi;  // so that another thread can end a wait; outlives `easy`
  HeaderList headers;
  std::array<char, CURL_ERROR_SIZE> error{};
  Incoming incoming;
  std::unique_ptr<CURL, EasyDeleter> easy;
  bool busy = false;

  std::optional<CURLcode> perform();
  HttpReply finish(CURLcode code);
};

HttpClient::HttpClient(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::open(const BackendOptions& options) {
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  const CURLUcode bad = curl_url_set(url.get(), CURLUPART_URL, options.endpoint.url.c_str(), 0);
  if (bad != CURLUE_OK) {
    return Error{options.name + ": " + options.shown() + " is no URL (" + curl_url_strerror(bad) + "). Write http://HOST:4318."};
  }
  auto handles = std::make_unique<Handles>(options.tls);
  handles->multi.reset(curl_multi_init());
  handles->easy.reset(curl_easy_init());
  if (!handles->multi || !handles->easy) return Error{options.name + ": libcurl has no memory for a connection."};
  handles->headers = headers_of(options);

  static constexpr const char* kUserAgent = "suture/" SUTURE_VERSION " OTel-OTLP-Exporter-Cpp/" SUTURE_VERSION;
  CURL* easy = handles->easy.get();
  const auto timeout_ms = static_cast<long>(options.timeout.count());
  curl_easy_setopt(easy, CURLOPT_URL, options.endpoint.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_USERAGENT, kUserAgent);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, handles->headers.get());
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a name server that does not answer must not hold up the end
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, handles->error.data());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &handles->incoming);
  if (options.protocol == OtlpProtocol::Grpc) {
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &handles->incoming);
    const bool tls = options.endpoint.url.starts_with("https:");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, tls ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
    // Before 8.0 the second request on a connection of HTTP/2 without TLS fails (CURLE_HTTP2); Debian 12 has 7.88.1.
    const bool reusable = tls || curl_version_info(CURLVERSION_NOW)->version_num >= 0x080000;
    if (!reusable) curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);  // a proxy does not forward trailers
  }
  if (!options.endpoint.unix_socket.empty()) {
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, options.endpoint.unix_socket.c_str());
    curl_easy_setopt(easy, CURLOPT_PROXY, "");  // the proxy variables are for TCP
  }
  const TlsFiles& tls = options.tls;
  if (!tls.ca.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, tls.ca.c_str());
  if (!tls.client_certificate.empty()) curl_easy_setopt(easy, CURLOPT_SSLCERT, tls.client_certificate.c_str());
  if (!tls.client_key.empty()) curl_easy_setopt(easy, CURLOPT_SSLKEY, tls.client_key.c_str());
  // Nothing of files that were replaced may outlive their connection, and that is the only one.
  curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  curl_multi_setopt(handles->multi.get(), CURLMOPT_MAXCONNECTS, 1L);
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(handles)));
}

void HttpClient::wake() { curl_multi_wakeup(handles_->multi.get()); }

bool HttpClient::busy() const { return handles_->busy; }

void HttpClient::start(std::string_view body) {
  assert(!busy());
  Handles& handles = *handles_;
  handles.incoming = Incoming();
  handles.fresh |= handles.tls_files.changed();
  handles.error[0] = '\0';
  curl_easy_setopt(handles.easy.get(), CURLOPT_FRESH_CONNECT, handles.fresh ? 1L : 0L);
  curl_easy_setopt(handles.easy.get(), CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(handles.easy.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_multi_add_handle(handles.multi.get(), handles.easy.get());
  handles.busy = true;
}

std::optional<HttpReply> HttpClient::wait(std::chrono::milliseconds limit) {
  Handles& handles = *handles_;
  std::optional<CURLcode> done = handles.perform();
  if (!done) {
    curl_multi_poll(handles.multi.get(), nullptr, 0, static_cast<int>(std::min(limit, kMaxPoll).count()), nullptr);
    done = handles.perform();
  }
  if (!done) return std::nullopt;
  cancel();
  return handles.finish(*done);
}

void HttpClient::cancel() {
  if (busy()) curl_multi_remove_handle(handles_->multi.get(), handles_->easy.get());
  handles_->busy = false;
}

HttpReply HttpClient::post(std::string_view body) {
  start(body);
  while (true)
    if (std::optional<HttpReply> reply = wait(kMaxPoll)) return *std::move(reply);
}

/// How the transfer ended, if it did.
std::optional<CURLcode> HttpClient::Handles::perform() {
  if (!busy) return std::nullopt;
  int running = 0;
  if (curl_multi_perform(multi.get(), &running) != CURLM_OK) return CURLE_FAILED_INIT;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left))
    if (message->msg == CURLMSG_DONE) return message->data.result;
  return std::nullopt;
}

HttpReply HttpClient::Handles::finish(CURLcode code) {
  HttpReply reply = std::move(incoming.reply);
  if (incoming.too_large) {
    reply.kind = HttpReply::Kind::TooLarge;
    reply.failure = "the answer is larger than 4 MiB";
    return reply;
  }
  if (code != CURLE_OK) {
    reply.kind = HttpReply::Kind::NoConnection;
    reply.failure = error[0] != '\0' ? error.data() : curl_easy_strerror(code);
    return reply;
  }
  fresh = false;
  reply.kind = HttpReply::Kind::Answered;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &reply.status);
  const char* content_type = nullptr;
  curl_easy_getinfo(easy.get(), CURLINFO_CONTENT_TYPE, &content_type);
  if (content_type) reply.content_type = content_type;
  curl_off_t retry_after = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RETRY_AFTER, &retry_after);
  constexpr curl_off_t kDay = 86'400;  // more is no wait but a refusal; keeps sums of times in range
  reply.retry_after = std::chrono::seconds(std::clamp<curl_off_t>(retry_after, 0, kDay));
  return reply;
}

}  // namespace suture

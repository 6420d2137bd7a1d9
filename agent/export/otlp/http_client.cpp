#include "export/otlp/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <utility>

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

HeaderList headers_of(const OtlpOptions& options) {
  HeaderList list;
  // libcurl would announce large bodies by "Expect: 100-continue" and lose a round trip to each.
  append(list, "Expect:");
  append(list, "Content-Type: application/x-protobuf");
  if (options.gzip) append(list, "Content-Encoding: gzip");
  for (const auto& [name, value] : options.headers)
    append(list, value.empty() ? name + ";" : name + ": " + value);  // libcurl's way to write an empty value
  return list;
}

/// A body that grows, up to the limit.
struct ReplyBody {
  std::string bytes;
  bool too_large = false;
};

std::size_t on_body(const char* data, std::size_t, std::size_t length, void* user) {
  auto& body = *static_cast<ReplyBody*>(user);
  if (length > kMaxReplyBytes - body.bytes.size()) {
    body.too_large = true;
    return 0;  // ends the transfer
  }
  body.bytes.append(data, length);
  return length;
}

}  // namespace

struct HttpClient::Handles {
  std::unique_ptr<CURLM, MultiDeleter> multi;  // so that another thread can end a wait; outlives `easy`
  HeaderList headers;
  std::array<char, CURL_ERROR_SIZE> error{};
  ReplyBody reply;
  std::unique_ptr<CURL, EasyDeleter> easy;

  CURLcode run(const StopTime& stop, bool& stopped);
};

HttpClient::HttpClient(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::open(const OtlpOptions& options) {
  const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
  const CURLUcode bad = curl_url_set(url.get(), CURLUPART_URL, options.url.c_str(), 0);
  if (bad != CURLUE_OK) {
    return Error{"otlp: " + printable_url(options.url) + " is no URL (" + curl_url_strerror(bad) +
                 "). Write http://HOST:4318."};
  }
  auto handles = std::make_unique<Handles>();
  handles->multi.reset(curl_multi_init());
  handles->easy.reset(curl_easy_init());
  if (!handles->multi || !handles->easy) return Error{"otlp: libcurl has no memory for a connection."};
  handles->headers = headers_of(options);

  static constexpr const char* kUserAgent = "suture/" SUTURE_VERSION " OTel-OTLP-Exporter-Cpp/" SUTURE_VERSION;
  CURL* easy = handles->easy.get();
  const auto timeout_ms = static_cast<long>(options.timeout.count());
  curl_easy_setopt(easy, CURLOPT_URL, options.url.c_str());
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
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &handles->reply);
  if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(handles)));
}

void HttpClient::wake() { curl_multi_wakeup(handles_->multi.get()); }

HttpReply HttpClient::post(std::string_view body, const StopTime& stop) {
  Handles& handles = *handles_;
  CURL* easy = handles.easy.get();
  handles.reply = ReplyBody();
  handles.error[0] = '\0';
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));

  bool stopped = false;
  const CURLcode code = handles.run(stop, stopped);

  HttpReply reply;
  if (stopped) {
    reply.kind = HttpReply::Kind::Stopped;
    reply.failure = "the agent ended while it waited for the answer";
    return reply;
  }
  if (handles.reply.too_large) {
    reply.kind = HttpReply::Kind::TooLarge;
    reply.failure = "the answer is larger than 4 MiB";
    return reply;
  }
  if (code != CURLE_OK) {
    reply.failure = handles.error[0] != '\0' ? handles.error.data() : curl_easy_strerror(code);
    return reply;
  }
  reply.kind = HttpReply::Kind::Answered;
  reply.body = std::move(handles.reply.bytes);
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply.status);
  const char* content_type = nullptr;
  curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &content_type);
  if (content_type) reply.content_type = content_type;
  curl_off_t retry_after = 0;
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
  constexpr curl_off_t kDay = 86'400;  // more is no wait but a refusal; keeps sums of times in range
  reply.retry_after = std::chrono::seconds(std::clamp<curl_off_t>(retry_after, 0, kDay));
  return reply;
}

CURLcode HttpClient::Handles::run(const StopTime& stop, bool& stopped) {
  CURLcode code = CURLE_FAILED_INIT;
  if (curl_multi_add_handle(multi.get(), easy.get()) != CURLM_OK) return code;
  int running = 1;
  while (curl_multi_perform(multi.get(), &running) == CURLM_OK && running != 0) {
    if (stop.reached()) {
      stopped = true;
      break;
    }
    curl_multi_poll(multi.get(), nullptr, 0, static_cast<int>(stop.remaining(kMaxPoll).count()), nullptr);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left))
    if (message->msg == CURLMSG_DONE) code = message->data.result;
  curl_multi_remove_handle(multi.get(), easy.get());
  return code;
}

}  // namespace suture

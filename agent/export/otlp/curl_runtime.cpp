#include "export/otlp/curl_runtime.h"

#include <curl/curl.h>

namespace suture {

Result<CurlRuntime> CurlRuntime::start() {
  const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) {
    return Error{std::string("libcurl cannot start: ") + curl_easy_strerror(code) +
                 ". Spans cannot be sent by OTLP; check the installation of libcurl and its TLS library."};
  }
  return CurlRuntime();
}

CurlRuntime::~CurlRuntime() {
  if (started_) curl_global_cleanup();
}

}  // namespace suture

// The OTLP endpoint, asked as the exporter asks it, but for nothing.

#include <algorithm>

#include <fmt/format.h>

#include "doctor/checks.h"
#include "export/otlp/curl_runtime.h"
#include "export/otlp/reply.h"
#include "export/otlp/request_encoder.h"

namespace suture {
namespace {

constexpr std::chrono::milliseconds kTimeout{5'000};  // a person waits

Finding failure(std::string found, std::string mend) {
  return {"otlp", FindingState::Fail, std::move(found), "an endpoint that takes OTLP/HTTP", std::move(mend)};
}

std::string mend_of(long status) {
  switch (status) {
    case 401:
    case 403: return "set OTEL_EXPORTER_OTLP_HEADERS to what the backend asks for, e.g. authorization=Bearer%20TOKEN";
    case 404:
    case 405: return "correct the URL: it is the base, /v1/traces is added (usual port: 4318)";
    default: return "see the backend's own log";
  }
}

}  // namespace

Finding judge_otlp(const OtlpOptions& options, const HttpReply& reply) {
  const std::string shown = options.shown();
  const Delivery delivery = judge(options.protocol, reply, 0);
  const bool answered = reply.kind == HttpReply::Kind::Answered;
  if (!answered)
    return failure(shown + ": " + delivery.words,
                   "start the backend, or correct OTEL_EXPORTER_OTLP_ENDPOINT or --otlp (OTLP/HTTP, usual port: 4318)");
  if (delivery.verdict == Verdict::Accepted) {
    Finding finding = failure(fmt::format("{}: status {}", shown, reply.status), "");
    finding.state = FindingState::Pass;
    return finding;
  }
  Finding finding = failure(shown + ": " + delivery.words, mend_of(reply.status));
  // 400: reached, and some backends do not take a request without spans. Retry: reached, and busy.
  if (delivery.verdict == Verdict::Retry || reply.status == 400) finding.state = FindingState::Warn;
  return finding;
}

Finding check_otlp(const EnvironmentLookup& environment, const std::string& flag_url) {
  Result<OtlpOptions> options = otlp_options_from(environment, flag_url);
  if (!options) return failure(options.error(), "correct it");
  if (!options->enabled())
    return {"otlp", FindingState::Skip, "no endpoint is set", "OTEL_EXPORTER_OTLP_ENDPOINT or --otlp, to send spans",
            ""};
  options->gzip = false;
  options->timeout = std::min(options->timeout, kTimeout);
  const Result<CurlRuntime> curl = CurlRuntime::start();
  if (!curl) return failure(curl.error(), "");
  Result<std::unique_ptr<HttpClient>> client = HttpClient::open(*options);
  if (!client) return failure(client.error(), "correct it");
  return judge_otlp(*options, (*client)->post(empty_request(options->protocol)));
}

}  // namespace suture

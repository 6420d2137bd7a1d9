// Where spans are sent, asked as the exporter asks it, but for nothing.

#include <algorithm>

#include <fmt/format.h>

#include "doctor/checks.h"
#include "export/otlp/curl_runtime.h"
#include "export/otlp/reply.h"
#include "export/otlp/request_encoder.h"

namespace suture {
namespace {

constexpr std::chrono::milliseconds kTimeout{5'000};  // a person waits

/// `id`: the destination's name.
Finding failure(std::string id, std::string found, std::string mend) {
  return {std::move(id), FindingState::Fail, std::move(found), "an endpoint that takes spans", std::move(mend)};
}

std::string mend_of(long status) {
  switch (status) {
    case 401:
    case 403: return "correct the key of --to, or set OTEL_EXPORTER_OTLP_HEADERS to what the backend asks for, e.g. authorization=Bearer%20TOKEN";
    case 404:
    case 405: return "correct the URL: it is the base, /v1/traces is added (usual port: 4318; Zipkin: /api/v2/spans, 9411)";
    default: return "see the backend's own log";
  }
}

Finding ask(BackendOptions options) {
  options.gzip = false;
  options.timeout = std::min(options.timeout, kTimeout);
  Result<std::unique_ptr<HttpClient>> client = HttpClient::open(options);
  if (!client) return failure(options.name, client.error(), "correct it");
  return judge_otlp(options, (*client)->post(empty_request(options.protocol)));
}

}  // namespace

Finding judge_otlp(const BackendOptions& options, const HttpReply& reply) {
  const std::string shown = options.shown();
  const Delivery delivery = judge(options.protocol, reply, 0);
  const bool answered = reply.kind == HttpReply::Kind::Answered;
  if (!answered)
    return failure(options.name, shown + ": " + delivery.words,
                   "start the backend, or correct OTEL_EXPORTER_OTLP_ENDPOINT, --otlp or --to (OTLP/HTTP, usual port: 4318)");
  if (delivery.verdict == Verdict::Accepted) {
    Finding finding = failure(options.name, fmt::format("{}: status {}", shown, reply.status), "");
    finding.state = FindingState::Pass;
    return finding;
  }
  Finding finding = failure(options.name, shown + ": " + delivery.words, mend_of(reply.status));
  // 400: reached, and some backends do not take a request without spans. Retry: reached, and busy.
  if (delivery.verdict == Verdict::Retry || reply.status == 400) finding.state = FindingState::Warn;
  return finding;
}

std::vector<Finding> check_destinations(const Result<std::vector<BackendOptions>>& destinations) {
  if (!destinations) return {failure("otlp", destinations.error(), "correct it")};
  if (destinations.value().empty())
    return {{"otlp", FindingState::Skip, "no endpoint is set", "OTEL_EXPORTER_OTLP_ENDPOINT, --otlp or --to, to send spans", ""}};
  const Result<CurlRuntime> curl = CurlRuntime::start();
  if (!curl) return {failure("otlp", curl.error(), "")};
  std::vector<Finding> findings;
  for (const BackendOptions& destination : destinations.value()) findings.push_back(ask(destination));
  return findings;
}

}  // namespace suture

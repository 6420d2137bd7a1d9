#include "export/otlp/grpc.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "export/otlp/base64.h"
#include "export/otlp/otlp.pb.h"
#include "export/otlp/percent.h"

namespace suture {
namespace {

constexpr std::size_t kFrameHead = 5;

enum Code : int {
  kOk,
  kCancelled,
  kUnknown,
  kInvalidArgument,
  kDeadlineExceeded,
  kNotFound,
  kAlreadyExists,
  kPermissionDenied,
  kResourceExhausted,
  kFailedPrecondition,
  kAborted,
  kOutOfRange,
  kUnimplemented,
  kInternal,
  kUnavailable,
  kDataLoss,
  kUnauthenticated,
};

constexpr std::array<const char*, 17> kNames = {
    "OK",          "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"};

/// What an HTTP status means where gRPC's own is missing: something on the way answered
/// (grpc/doc/http-grpc-status-mapping.md).
Code code_of_http(long status) {
  switch (status) {
    case 400:
      return kInternal;
    case 401:
      return kUnauthenticated;
    case 403:
      return kPermissionDenied;
    case 404:
      return kUnimplemented;
    case 429:
    case 502:
    case 503:
    case 504:
      return kUnavailable;
    default:
      return kUnknown;
  }
}

std::optional<int> code_in(std::string_view text) {
  int code = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, code);
  if (error != std::errc() || stopped != end || code < 0) return std::nullopt;
  return code;
}

/// The wait that the backend asks for, if its details hold a google.rpc.RetryInfo.
std::optional<std::chrono::milliseconds> retry_info_in(std::string_view details) {
  otlp::v1::RpcStatus status;
  if (details.empty() || !status.ParseFromString(base64_decoded(details))) return std::nullopt;
  for (const otlp::v1::Any& detail : status.details()) {
    constexpr std::string_view kType = "/google.rpc.RetryInfo";
    otlp::v1::RetryInfo info;
    if (!std::string_view(detail.type_url()).ends_with(kType) || !info.ParseFromString(detail.value())) continue;
    constexpr std::int64_t kDay = 86'400;  // more is no wait but a refusal; keeps sums of times in range
    const auto seconds = std::clamp<std::int64_t>(info.retry_delay().seconds(), 0, kDay);
    const auto nanos = std::clamp<std::int32_t>(info.retry_delay().nanos(), 0, 999'999'999);
    return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::seconds(seconds) + std::chrono::nanoseconds(nanos));
  }
  return std::nullopt;
}

/// OTLP 1.11, "Failures": the codes after which the same request may be sent again.
bool is_retryable(int code, bool has_retry_info) {
  switch (code) {
    case kCancelled:
    case kDeadlineExceeded:
    case kAborted:
    case kOutOfRange:
    case kUnavailable:
    case kDataLoss:
      return true;
    case kResourceExhausted:
      return has_retry_info;
    default:
      return false;
  }
}

/// The one message of an answer; nothing if it is compressed (which was not asked for) or cut off.
std::string_view message_in(std::string_view body) {
  if (body.size() < kFrameHead || body[0] != 0) return {};
  std::size_t size = 0;
  for (const char byte : body.substr(1, kFrameHead - 1)) size = size << 8 | static_cast<unsigned char>(byte);
  body.remove_prefix(kFrameHead);
  return size <= body.size() ? body.substr(0, size) : std::string_view();
}

}  // namespace

std::string grpc_frame(std::string_view message, bool compressed) {
  std::string frame;
  frame.reserve(kFrameHead + message.size());
  frame.push_back(compressed ? 1 : 0);
  for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(message.size() >> shift & 0xFF));
  frame += message;
  return frame;
}

Delivery judge_grpc(const HttpReply& reply, std::uint64_t spans) {
  if (reply.kind != HttpReply::Kind::Answered) return judge_unanswered(reply);
  const bool is_grpc = reply.content_type.starts_with("application/grpc");
  const std::optional<int> told = is_grpc ? code_in(reply.grpc_status) : std::nullopt;
  const int code = told.value_or(code_of_http(reply.status));
  if (code == kOk) return accepted_protobuf(message_in(reply.body), spans);

  Delivery delivery;
  delivery.unknown_there = code == kUnimplemented;
  const auto wait = retry_info_in(reply.grpc_status_details);
  delivery.verdict = is_retryable(code, wait.has_value()) ? Verdict::Retry : Verdict::Rejected;
  delivery.retry_after = wait.value_or(reply.retry_after);
  delivery.words = "gRPC status ";
  delivery.words += static_cast<std::size_t>(code) < kNames.size() ? kNames[static_cast<std::size_t>(code)] : std::to_string(code);
  std::string said = printable_words(percent_decoded(reply.grpc_message));
  if (!told) said = "HTTP status " + std::to_string(reply.status) + " without one of gRPC; is it a gRPC port, usually 4317?";
  if (!said.empty()) delivery.words += " (" + said + ")";
  return delivery;
}

}  // namespace suture

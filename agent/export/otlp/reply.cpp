#include "export/otlp/reply.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "export/otlp/grpc.h"
#include "export/otlp/otlp.pb.h"

namespace suture {
namespace {

using Json = nlohmann::json;

bool has_type(const HttpReply& reply, std::string_view type) { return reply.content_type.find(type) != std::string::npos; }

/// The member `name` of `object`, or null.
Json member(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found == object.end() ? Json() : *found;
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

/// A 64-bit integer of protobuf's JSON form: digits in quotes, or a plain number.
std::int64_t integer_of(const Json& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  const std::string digits = text_of(value);
  std::int64_t number = 0;
  const char* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, number);
  return error == std::errc() && stopped == end ? number : 0;
}

/// The upper levels of a text; what lies deeper is left out, because a backend may nest as deep as 4 MiB allow.
Json parse(const std::string& body) {
  constexpr int kDeepest = 3;
  const auto keep = [](int depth, Json::parse_event_t, Json&) { return depth <= kDeepest; };
  return Json::parse(body, keep, /*allow_exceptions=*/false);
}

Delivery accepted(std::int64_t rejected, std::string_view words, std::uint64_t spans) {
  Delivery delivery{.verdict = Verdict::Accepted, .rejected = 0, .words = printable_words(words), .unknown_there = false, .retry_after = {}};
  delivery.rejected = rejected < 0 ? 0 : std::min(static_cast<std::uint64_t>(rejected), spans);
  return delivery;
}

Delivery accepted_http(OtlpProtocol protocol, const HttpReply& reply, std::uint64_t spans) {
  if (protocol == OtlpProtocol::ZipkinJson) return accepted(0, "", spans);  // 202, and nothing to read
  if (has_type(reply, "protobuf")) return accepted_protobuf(reply.body, spans);
  if (has_type(reply, "json")) {
    const Json partial = member(parse(reply.body), "partialSuccess");
    const std::int64_t spans_rejected = integer_of(member(partial, "rejectedSpans"));  // of metrics it is data points
    return accepted(spans_rejected != 0 ? spans_rejected : integer_of(member(partial, "rejectedDataPoints")), text_of(member(partial, "errorMessage")), spans);
  }
  // The status states a success, and who answers otherwise than OTLP may be somebody else: said, not held against it.
  const bool foreign = !reply.body.empty();
  return accepted(0, foreign ? "its answer is of type '" + reply.content_type + "', which is not OTLP's" : "", spans);
}

/// google.rpc.Status if the body is one, else the body if it is text.
std::string error_words(const HttpReply& reply) {
  if (has_type(reply, "protobuf")) {
    otlp::v1::RpcStatus status;
    return status.ParseFromString(reply.body) ? printable_words(status.message()) : std::string();
  }
  if (has_type(reply, "json"))
    if (const std::string said = text_of(member(parse(reply.body), "message")); !said.empty()) return printable_words(said);
  return printable_words(reply.body);
}

/// Zipkin has no rules of its own for what may be sent again: those of OTLP.
Delivery judge_http(OtlpProtocol protocol, const HttpReply& reply, std::uint64_t spans) {
  if (reply.kind != HttpReply::Kind::Answered) return judge_unanswered(reply);
  if (reply.status >= 200 && reply.status < 300) return accepted_http(protocol, reply, spans);
  const bool retryable = reply.status == 429 || reply.status == 502 || reply.status == 503 || reply.status == 504;
  std::string words = "status " + std::to_string(reply.status);
  if (const std::string said = error_words(reply); !said.empty()) words += " (" + said + ")";
  const bool unknown = reply.status == 404 || reply.status == 405;
  return {retryable ? Verdict::Retry : Verdict::Rejected, 0, std::move(words), unknown, reply.retry_after};
}

}  // namespace

Delivery judge(OtlpProtocol protocol, const HttpReply& reply, std::uint64_t spans) {
  return protocol == OtlpProtocol::Grpc ? judge_grpc(reply, spans) : judge_http(protocol, reply, spans);
}

Delivery judge_unanswered(const HttpReply& reply) {
  const bool too_large = reply.kind == HttpReply::Kind::TooLarge;
  return {too_large ? Verdict::Rejected : Verdict::Retry, 0, printable_words(reply.failure), false, {}};
}

Delivery accepted_protobuf(std::string_view body, std::uint64_t spans) {
  otlp::v1::ExportTraceServiceResponse response;
  if (!response.ParseFromArray(body.data(), static_cast<int>(body.size()))) return accepted(0, "", spans);
  return accepted(response.partial_success().rejected_spans(), response.partial_success().error_message(), spans);
}

std::string printable_words(std::string_view text) {
  constexpr std::size_t kMaxBytes = 300;
  std::string line;
  append_utf8(line, text.substr(0, kMaxBytes));
  std::replace_if(line.begin(), line.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; }, ' ');
  if (text.size() > kMaxBytes) line += "...";
  return line;
}

}  // namespace suture

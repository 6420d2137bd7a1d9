#include "export/otlp/reply.h"

#include <algorithm>

#include "export/otlp/otlp.pb.h"
#include "base/utf8.h"

namespace suture {
namespace {

/// A backend's words as one line that a terminal survives.
std::string printable(std::string_view text) {
  constexpr std::size_t kMaxBytes = 300;
  std::string line;
  append_utf8(line, text.substr(0, kMaxBytes));
  std::replace_if(line.begin(), line.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; }, ' ');
  if (text.size() > kMaxBytes) line += "...";
  return line;
}

bool is_protobuf(const HttpReply& reply) { return reply.content_type.find("protobuf") != std::string::npos; }

/// google.rpc.Status if the body is one, else the body if it is text.
std::string error_words(const HttpReply& reply) {
  otlp::v1::RpcStatus status;
  if (is_protobuf(reply)) return status.ParseFromString(reply.body) ? printable(status.message()) : std::string();
  return printable(reply.body);
}

Delivery accepted(const HttpReply& reply, std::uint64_t spans) {
  Delivery delivery{.verdict = Verdict::Accepted, .rejected = 0, .words = {}};
  // A body of another type, or one that cannot be read, says nothing against the success that the status states.
  otlp::v1::ExportTraceServiceResponse response;
  if (!is_protobuf(reply) || !response.ParseFromString(reply.body)) return delivery;
  const std::int64_t rejected = response.partial_success().rejected_spans();
  delivery.rejected = rejected < 0 ? 0 : std::min(static_cast<std::uint64_t>(rejected), spans);
  delivery.words = printable(response.partial_success().error_message());
  return delivery;
}

}  // namespace

Delivery judge(const HttpReply& reply, std::uint64_t spans) {
  switch (reply.kind) {
    case HttpReply::Kind::NoConnection:
      return {Verdict::Retry, 0, printable(reply.failure)};
    case HttpReply::Kind::Stopped:
      return {Verdict::Retry, 0, printable(reply.failure)};
    case HttpReply::Kind::TooLarge:
      return {Verdict::Rejected, 0, printable(reply.failure)};
    case HttpReply::Kind::Answered:
      break;
  }
  if (reply.status >= 200 && reply.status < 300) return accepted(reply, spans);
  const bool retryable = reply.status == 429 || reply.status == 502 || reply.status == 503 || reply.status == 504;
  std::string words = "status " + std::to_string(reply.status);
  if (const std::string said = error_words(reply); !said.empty()) words += " (" + said + ")";
  return {retryable ? Verdict::Retry : Verdict::Rejected, 0, std::move(words)};
}

}  // namespace suture

#include "gateway/intake.h"

#include <optional>
#include <utility>

#include "base/json_writer.h"
#include "export/otlp/otlp.pb.h"
#include "trace/ascii.h"

namespace suture {
namespace {

constexpr const char* kProtobuf = "application/x-protobuf";
constexpr const char* kJson = "application/json";
constexpr const char* kRetrySeconds = "1";  // a queue of megabytes empties faster

std::optional<Signal> signal_of(std::string_view path) {
  if (path == "/v1/traces") return Signal::Traces;
  if (path == "/v1/logs") return Signal::Logs;
  if (path == "/v1/metrics") return Signal::Metrics;
  return std::nullopt;
}

std::optional<Encoding> encoding_of(std::string_view content_type) {
  const std::string_view type = ascii::trim(content_type.substr(0, content_type.find(';')));
  if (ascii::equals_any_case(type, kProtobuf)) return Encoding::Protobuf;
  if (ascii::equals_any_case(type, kJson)) return Encoding::Json;
  return std::nullopt;
}

/// google.rpc.Status in the request's encoding ("Failures").
HttpServer::Response refusal(unsigned status, Encoding encoding, const std::string& words) {
  HttpServer::Response response{.status = status};
  if (encoding == Encoding::Json) {
    response.content_type = kJson;
    JsonWriter json(response.body);
    json.begin_object();
    json.key("message");
    json.text(words);
    json.end_object();
  } else {
    response.content_type = kProtobuf;
    otlp::v1::RpcStatus message;
    message.set_message(words);
    response.body = message.SerializeAsString();
  }
  return response;
}

}  // namespace

HttpServer::Response Intake::answer(HttpServer::Request&& request) {
  const std::optional<Signal> signal = signal_of(request.path);
  const std::optional<Encoding> encoding = encoding_of(request.header("Content-Type"));
  if (!signal) {
    counters_.not_found.add();
    return {.status = 404, .content_type = "text/plain", .body = "OTLP is taken at /v1/traces, /v1/logs and /v1/metrics.\n"};
  }
  if (request.method != "POST") {
    counters_.not_found.add();
    return {.status = 405, .headers = {{"Allow", "POST"}}};
  }
  if (!encoding) {
    counters_.unsupported.add();
    return {.status = 415, .content_type = "text/plain", .body = "Content-Type is to be application/x-protobuf or application/json.\n"};
  }
  return take(*signal, *encoding, std::move(request));
}

HttpServer::Response Intake::take(Signal signal, Encoding encoding, HttpServer::Request&& request) {
  const std::string_view compression = ascii::trim(request.header("Content-Encoding"));
  const bool plain = compression.empty() || ascii::equals_any_case(compression, "identity");
  if (!plain && !ascii::equals_any_case(compression, "gzip")) {
    counters_.unsupported.add();
    return refusal(415, encoding, "Content-Encoding is to be gzip or none");
  }
  if (!rules_.takes(signal, encoding)) {
    counters_.unsupported.add();
    return refusal(encoding == Encoding::Json ? 415 : 404, encoding,
                   "no destination of this agent takes it: one by gRPC takes no JSON (OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf), and one whose URL "
                   "does not end in /v1/traces takes traces alone");
  }
  Parcel parcel;
  parcel.signal = signal;
  parcel.encoding = encoding;
  parcel.upload_port = request.peer_port;
  const Gunzip::Status unpacked = plain ? Gunzip::Status::Done : gunzip_.decompress(request.body, parcel.body);
  if (plain) parcel.body = std::move(request.body);
  if (unpacked == Gunzip::Status::TooLarge) {
    counters_.too_large.add();
    return refusal(413, encoding, "more than 16 MiB when decompressed");
  }
  if (unpacked == Gunzip::Status::Done)
    parcel.telemetry = encoding == Encoding::Json ? decode_json(signal, parcel.body) : decode_protobuf(signal, parcel.body);
  if (!parcel.telemetry) {
    counters_.undecodable.add();
    return refusal(400, encoding, "the body is no export request of OTLP");
  }
  const std::uint64_t records = parcel.records = parcel.telemetry->records();
  if (!rules_.mends(signal)) parcel.telemetry.reset();
  // What holds nothing is not sent on ("SHOULD NOT be sent").
  if (records != 0 && !rules_.push(std::move(parcel))) {
    counters_.queue_full.add(records);
    HttpServer::Response later = refusal(503, encoding, "no room now");
    later.headers = {{"Retry-After", kRetrySeconds}};
    return later;
  }
  counters_.received.add(records);
  // An empty message: of success there is nothing more to say.
  return encoding == Encoding::Json ? HttpServer::Response{.content_type = kJson, .body = "{}"} : HttpServer::Response{.content_type = kProtobuf};
}

}  // namespace suture

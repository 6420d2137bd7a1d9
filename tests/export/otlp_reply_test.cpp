#include <gtest/gtest.h>

#include "export/otlp/backoff.h"
#include "export/otlp/grpc.h"
#include "export/otlp/otlp.pb.h"
#include "export/otlp/reply.h"

namespace suture {
namespace {

HttpReply answered(long status, std::string content_type = {}, std::string body = {}) {
  HttpReply reply;
  reply.kind = HttpReply::Kind::Answered;
  reply.status = status;
  reply.content_type = std::move(content_type);
  reply.body = std::move(body);
  return reply;
}

std::string partial(std::int64_t rejected, const std::string& message) {
  otlp::v1::ExportTraceServiceResponse response;
  response.mutable_partial_success()->set_rejected_spans(rejected);
  response.mutable_partial_success()->set_error_message(message);
  return response.SerializeAsString();
}

constexpr const char* kProtobuf = "application/x-protobuf";

TEST(OtlpReply, RetriesExactlyTheStatusesThatTheProtocolNames) {
  for (long status = 100; status < 600; ++status) {
    const bool retry = status == 429 || status == 502 || status == 503 || status == 504;
    const Verdict expected = status / 100 == 2 ? Verdict::Accepted : retry ? Verdict::Retry : Verdict::Rejected;
    EXPECT_EQ(judge(OtlpProtocol::HttpProtobuf, answered(status), 1).verdict, expected) << status;
  }
}

TEST(OtlpReply, RetriesWhenNoAnswerCameButNotWhenItWasTooLarge) {
  HttpReply reply;
  for (auto [kind, verdict] :
       {std::pair{HttpReply::Kind::NoConnection, Verdict::Retry}, std::pair{HttpReply::Kind::TooLarge, Verdict::Rejected}}) {
    reply.kind = kind;
    EXPECT_EQ(judge(OtlpProtocol::HttpProtobuf, reply, 1).verdict, verdict);
  }
}

TEST(OtlpReply, ReadsPartialSuccessAndBelievesNoImpossibleCount) {
  struct Case {
    std::int64_t said;
    std::uint64_t rejected;
  };
  for (const Case& test_case : {Case{3, 3}, Case{0, 0}, Case{99, 10}, Case{-5, 0}}) {
    const Delivery delivery = judge(OtlpProtocol::HttpProtobuf, answered(200, kProtobuf, partial(test_case.said, "too old")), 10);
    EXPECT_EQ(delivery.verdict, Verdict::Accepted);
    EXPECT_EQ(delivery.rejected, test_case.rejected) << test_case.said;
    EXPECT_EQ(delivery.words, "too old");
  }
}

TEST(OtlpReply, TakesASuccessWithAnUnreadableBodyAsSuccess) {
  for (const HttpReply& reply : {answered(200, kProtobuf, "\xFF\xFF\xFF"), answered(200, "text/html", partial(3, "x")),
                                 answered(200, kProtobuf, "")}) {
    const Delivery delivery = judge(OtlpProtocol::HttpProtobuf, reply, 10);
    EXPECT_EQ(delivery.verdict, Verdict::Accepted);
    EXPECT_EQ(delivery.rejected, 0u);
  }
}

TEST(OtlpReply, SaysThatAnAnswerIsNotOtlp) {
  EXPECT_NE(judge(OtlpProtocol::HttpProtobuf, answered(200, "text/html", "<html>"), 1).words.find("text/html"), std::string::npos);
}

TEST(OtlpReply, ReadsTheJsonForms) {
  struct Case {
    const char* body;
    std::uint64_t rejected;
    const char* words;
  };
  for (const Case& test_case : {Case{R"({"partialSuccess":{"rejectedSpans":"3","errorMessage":"late"}})", 3, "late"},
                                Case{R"({"partialSuccess":{"rejectedSpans":4}})", 4, ""}, Case{R"({"partialSuccess":{}})", 0, ""},
                                Case{R"({"partialSuccess":[1]})", 0, ""}, Case{"{}", 0, ""}, Case{"[[[", 0, ""}, Case{"", 0, ""}}) {
    const Delivery delivery = judge(OtlpProtocol::HttpJson, answered(200, "application/json", test_case.body), 10);
    EXPECT_EQ(delivery.verdict, Verdict::Accepted);
    EXPECT_EQ(delivery.rejected, test_case.rejected) << test_case.body;
    EXPECT_EQ(delivery.words, test_case.words) << test_case.body;
  }
  EXPECT_EQ(judge(OtlpProtocol::HttpJson, answered(400, "application/json", R"({"code":3,"message":"no"})"), 1).words, "status 400 (no)");
}

TEST(OtlpReply, SurvivesJsonThatIsNestedAsDeepAsAnAnswerMayBeLong) {
  constexpr std::size_t kDepth = 2'000'000;
  const std::string body = R"({"partialSuccess":)" + std::string(kDepth, '[') + std::string(kDepth, ']') + R"(,"message":"m"})";
  EXPECT_EQ(judge(OtlpProtocol::HttpJson, answered(200, "application/json", body), 1).rejected, 0u);
  EXPECT_EQ(judge(OtlpProtocol::HttpJson, answered(400, "application/json", body), 1).words, "status 400 (m)");
}

HttpReply grpc_answered(const char* status, std::string message = {}, std::string details = {}) {
  HttpReply reply = answered(200, "application/grpc+proto");
  reply.grpc_status = status;
  reply.grpc_message = std::move(message);
  reply.grpc_status_details = std::move(details);
  return reply;
}

// google.rpc.Status with a RetryInfo of 2.5 s, written by another implementation of protobuf; without padding.
constexpr const char* kRetryInfo = "CA4SBGJ1c3kaNgoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxIKCggIAhCAyrXuAQ";

TEST(GrpcReply, RetriesExactlyTheStatusesThatTheProtocolNames) {
  for (int code = 1; code < 20; ++code) {
    const bool retry = code == 1 || code == 4 || code == 10 || code == 11 || code == 14 || code == 15;
    const HttpReply reply = grpc_answered(std::to_string(code).c_str());
    EXPECT_EQ(judge(OtlpProtocol::Grpc, reply, 1).verdict, retry ? Verdict::Retry : Verdict::Rejected) << code;
  }
}

TEST(GrpcReply, WaitsAsLongAsRetryInfoSays) {
  for (const char* code : {"8", "14"}) {
    const Delivery delivery = judge(OtlpProtocol::Grpc, grpc_answered(code, "", kRetryInfo), 1);
    EXPECT_EQ(delivery.verdict, Verdict::Retry);
    EXPECT_EQ(delivery.retry_after, std::chrono::milliseconds{2500});
  }
  EXPECT_EQ(judge(OtlpProtocol::Grpc, grpc_answered("3", "", kRetryInfo), 1).verdict, Verdict::Rejected);
  EXPECT_EQ(judge(OtlpProtocol::Grpc, grpc_answered("8", "", "AAAA!"), 1).verdict, Verdict::Rejected);
}

TEST(GrpcReply, TakesHttpsWordWhereGrpcSaysNothing) {
  const std::pair<long, Verdict> cases[] = {{200, Verdict::Rejected}, {404, Verdict::Rejected}, {401, Verdict::Rejected},
                                            {429, Verdict::Retry},    {502, Verdict::Retry},    {503, Verdict::Retry}};
  for (const auto& [status, verdict] : cases) {
    EXPECT_EQ(judge(OtlpProtocol::Grpc, answered(status, "text/html"), 1).verdict, verdict) << status;
    EXPECT_EQ(judge(OtlpProtocol::Grpc, answered(status, "application/grpc"), 1).verdict, verdict) << status;
  }
}

TEST(GrpcReply, ReadsPartialSuccessAndTheBackendsWords) {
  HttpReply reply = grpc_answered("0");
  reply.body = grpc_frame(partial(3, "late"), false);
  EXPECT_EQ(judge(OtlpProtocol::Grpc, reply, 10).verdict, Verdict::Accepted);
  EXPECT_EQ(judge(OtlpProtocol::Grpc, reply, 10).rejected, 3u);
  for (const std::string& broken : {reply.body.substr(0, 4), reply.body.substr(0, 7), std::string(5, '\xFF'), std::string()}) {
    reply.body = broken;
    EXPECT_EQ(judge(OtlpProtocol::Grpc, reply, 10).verdict, Verdict::Accepted);
    EXPECT_EQ(judge(OtlpProtocol::Grpc, reply, 10).rejected, 0u);
  }
  EXPECT_EQ(judge(OtlpProtocol::Grpc, grpc_answered("3", "bad%0Aspan"), 1).words, "gRPC status INVALID_ARGUMENT (bad span)");
}

TEST(OtlpReply, QuotesTheBackendInOneHarmlessLine) {
  otlp::v1::RpcStatus status;
  status.set_message("bad\x1b[31m\nspan");
  EXPECT_EQ(judge(OtlpProtocol::HttpProtobuf, answered(400, kProtobuf, status.SerializeAsString()), 1).words, "status 400 (bad [31m span)");
  EXPECT_EQ(judge(OtlpProtocol::HttpProtobuf, answered(404, "text/plain", "404 page not found\n"), 1).words, "status 404 (404 page not found )");
  EXPECT_LT(judge(OtlpProtocol::HttpProtobuf, answered(500, "text/plain", std::string(10'000, 'x')), 1).words.size(), 400u);
}

TEST(OtlpBackoff, DoublesWithJitterUpToTheLongestAndStartsAnewAfterSuccess) {
  using std::chrono::milliseconds;
  Backoff backoff(milliseconds{1000}, milliseconds{30'000}, 1);
  for (std::int64_t step : {1000, 2000, 4000, 8000, 16'000, 30'000, 30'000}) {
    const std::int64_t wait = backoff.next().count();
    EXPECT_GE(wait, step / 2);
    EXPECT_LE(wait, step);
  }
  backoff.reset();
  EXPECT_LE(backoff.next().count(), 1000);
}

TEST(OtlpBackoff, DiffersFromHostToHost) {
  using std::chrono::milliseconds;
  Backoff one(milliseconds{1'000'000}, milliseconds{1'000'000}, 1);
  Backoff other(milliseconds{1'000'000}, milliseconds{1'000'000}, 2);
  EXPECT_NE(one.next(), other.next());
}

}  // namespace
}  // namespace suture

#include <gtest/gtest.h>

#include "export/otlp/backoff.h"
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
    EXPECT_EQ(judge(answered(status), 1).verdict, expected) << status;
  }
}

TEST(OtlpReply, RetriesWhenNoAnswerCameButNotWhenItWasTooLarge) {
  HttpReply reply;
  for (auto [kind, verdict] :
       {std::pair{HttpReply::Kind::NoConnection, Verdict::Retry}, std::pair{HttpReply::Kind::Stopped, Verdict::Retry},
        std::pair{HttpReply::Kind::TooLarge, Verdict::Rejected}}) {
    reply.kind = kind;
    EXPECT_EQ(judge(reply, 1).verdict, verdict);
  }
}

TEST(OtlpReply, ReadsPartialSuccessAndBelievesNoImpossibleCount) {
  struct Case {
    std::int64_t said;
    std::uint64_t rejected;
  };
  for (const Case& test_case : {Case{3, 3}, Case{0, 0}, Case{99, 10}, Case{-5, 0}}) {
    const Delivery delivery = judge(answered(200, kProtobuf, partial(test_case.said, "too old")), 10);
    EXPECT_EQ(delivery.verdict, Verdict::Accepted);
    EXPECT_EQ(delivery.rejected, test_case.rejected) << test_case.said;
    EXPECT_EQ(delivery.words, "too old");
  }
}

TEST(OtlpReply, TakesASuccessWithAnUnreadableBodyAsSuccess) {
  for (const HttpReply& reply : {answered(200, kProtobuf, "\xFF\xFF\xFF"), answered(200, "text/html", partial(3, "x")),
                                 answered(200, kProtobuf, "")}) {
    const Delivery delivery = judge(reply, 10);
    EXPECT_EQ(delivery.verdict, Verdict::Accepted);
    EXPECT_EQ(delivery.rejected, 0u);
  }
}

TEST(OtlpReply, QuotesTheBackendInOneHarmlessLine) {
  otlp::v1::RpcStatus status;
  status.set_message("bad\x1b[31m\nspan");
  EXPECT_EQ(judge(answered(400, kProtobuf, status.SerializeAsString()), 1).words, "status 400 (bad [31m span)");
  EXPECT_EQ(judge(answered(404, "text/plain", "404 page not found\n"), 1).words, "status 404 (404 page not found )");
  EXPECT_LT(judge(answered(500, "text/plain", std::string(10'000, 'x')), 1).words.size(), 400u);
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

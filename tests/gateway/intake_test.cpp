// What an SDK is answered, by OTLP's rules.
#include "gateway/intake.h"

#include <libdeflate.h>

#include <memory>

#include "telemetry.h"

namespace suture::test {
namespace {

std::string gzip(std::string_view text) {
  const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> compressor(libdeflate_alloc_compressor(6), libdeflate_free_compressor);
  std::string out(libdeflate_gzip_compress_bound(compressor.get(), text.size()), '\0');
  out.resize(libdeflate_gzip_compress(compressor.get(), text.data(), text.size(), out.data(), out.size()));
  return out;
}

struct Taking {
  HttpServer::Response post(std::string_view path, std::string_view type, std::string body, std::string_view compression = "", std::string_view method = "POST") {
    HttpServer::Request request;
    request.method = method;
    request.path = path;
    request.headers = {{"content-type", type}};
    if (!compression.empty()) request.headers.emplace_back("Content-Encoding", compression);
    request.body = std::move(body);
    request.peer_port = 5000;
    return intake.answer(std::move(request));
  }

  bool room = true, json = true;
  std::vector<Parcel> taken;
  Intake intake{{.takes = [this](Signal, Encoding encoding) { return json || encoding == Encoding::Protobuf; },
                 .mends = [](Signal signal) { return signal == Signal::Traces; },
                 .push = [this](Parcel&& parcel) {
                   if (room) taken.push_back(std::move(parcel));
                   return room;
                 }}};
};

constexpr std::string_view kProtobuf = "application/x-protobuf", kJson = "application/json";
const std::string kSpans = request({server_span('2', 'c')});

TEST(Intake, TakesAllSignalsInBothEncodingsCompressedOrNot) {
  Taking taking;
  EXPECT_EQ(taking.post("/v1/traces", kProtobuf, kSpans).status, 200u);
  EXPECT_EQ(taking.post("/v1/logs", kProtobuf, gzip(request({log_record('2')})), "gzip").status, 200u);
  EXPECT_EQ(taking.post("/v1/metrics", kProtobuf, request({metric('2')})).status, 200u);
  const HttpServer::Response json = taking.post("/v1/logs", "application/json; charset=utf-8", R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]})");
  EXPECT_EQ(json.status, 200u);
  EXPECT_EQ(json.content_type, kJson);
  EXPECT_EQ(json.body, "{}");
  ASSERT_EQ(taking.taken.size(), 4u);
  EXPECT_EQ(taking.taken[0].body, kSpans);
  EXPECT_EQ(taking.taken[0].upload_port, 5000);
  EXPECT_TRUE(taking.taken[0].telemetry);
  EXPECT_EQ(taking.taken[1].body, request({log_record('2')}));
  EXPECT_FALSE(taking.taken[1].telemetry);  // nothing changes it
  EXPECT_EQ(taking.intake.counters().received.get(), 4u);
}

TEST(Intake, WhatHoldsNothingIsASuccessAndGoesNoFurther) {
  Taking taking;
  EXPECT_EQ(taking.post("/v1/traces", kProtobuf, "").status, 200u);
  EXPECT_EQ(taking.post("/v1/traces", kJson, "{}").status, 200u);
  EXPECT_TRUE(taking.taken.empty());
}

TEST(Intake, RefusesWhatItCannotRead) {
  Taking taking;
  const HttpServer::Response undecodable = taking.post("/v1/traces", kJson, "{");
  EXPECT_EQ(undecodable.status, 400u);
  EXPECT_EQ(undecodable.body, R"({"message":"the body is no export request of OTLP"})");
  EXPECT_EQ(taking.post("/v1/traces", kProtobuf, "\x0a\x05xx").status, 400u);
  EXPECT_EQ(taking.post("/v1/traces", kProtobuf, "no gzip", "gzip").status, 400u);
  EXPECT_EQ(taking.post("/v1/traces", "text/plain", kSpans).status, 415u);
  EXPECT_EQ(taking.post("/v1/traces", kProtobuf, kSpans, "br").status, 415u);
  EXPECT_EQ(taking.post("/v1/profiles", kProtobuf, kSpans).status, 404u);
  EXPECT_EQ(taking.post("/v1/traces", kProtobuf, kSpans, "", "GET").status, 405u);
  taking.json = false;
  EXPECT_EQ(taking.post("/v1/traces", kJson, "{}").status, 415u);
  EXPECT_TRUE(taking.taken.empty());
}

TEST(Intake, ASmallUploadCannotBecomeALargeOne) {
  Taking taking;
  const std::string bomb = gzip(std::string(Intake::kMaxBytes + 1, '\0'));
  ASSERT_LT(bomb.size(), 100'000u);
  EXPECT_EQ(taking.post("/v1/traces", kProtobuf, bomb, "gzip").status, 413u);
}

TEST(Intake, WithoutRoomTheSdkIsToComeAgain) {
  Taking taking;
  taking.room = false;
  const HttpServer::Response later = taking.post("/v1/traces", kProtobuf, kSpans);
  EXPECT_EQ(later.status, 503u);
  ASSERT_EQ(later.headers.size(), 1u);
  EXPECT_EQ(later.headers[0].first, "Retry-After");
  EXPECT_EQ(taking.intake.counters().received.get(), 0u);
  EXPECT_EQ(taking.intake.counters().queue_full.get(), 1u);
}

}  // namespace
}  // namespace suture::test

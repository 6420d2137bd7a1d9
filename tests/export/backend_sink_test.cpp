// BackendSink against a server that fails in every way that OTLP has a rule for. In each case the ledger is held against
// what the server has really seen.

#include "export/otlp/backend_sink.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <map>

#include "export/otlp/curl_runtime.h"
#include "export/otlp/grpc.h"
#include "export/otlp/request_delivery.h"
#include "fault_server.h"
#include "sample.h"

namespace suture {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::answer;
using test::FaultServer;
using test::kProtobufType;

constexpr milliseconds kPatience{10'000};

std::string partial_success(std::int64_t rejected) {
  otlp::v1::ExportTraceServiceResponse response;
  response.mutable_partial_success()->set_rejected_spans(rejected);
  return response.SerializeAsString();
}

/// `ahead` from now, RFC 9110 5.6.7. The C locale's names are the ones of the rule.
std::string http_date(seconds ahead) {
  const std::time_t when = std::time(nullptr) + ahead.count();
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

class BackendSinkTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto started = CurlRuntime::start();
    ASSERT_TRUE(started) << started.error();
    curl = std::make_unique<CurlRuntime>(std::move(started).value());
  }
  static void TearDownTestSuite() { curl.reset(); }

  /// A sink whose own back-off is either at once or beyond the test: what happens in between, the server asked for.
  std::unique_ptr<BackendSink> open(const FaultServer& server, milliseconds backoff) {
    options.endpoint.url = server.url();
    options.first_backoff = options.longest_backoff = backoff;
    auto sink = BackendSink::open(options);
    EXPECT_TRUE(sink) << sink.error();
    return std::move(sink).value();
  }

  static void expect_balanced(const BackendSink& sink) {
    const DeliveryLedger ledger = sink.ledger();
    EXPECT_EQ(ledger.queued, ledger.accepted + ledger.waiting + test::dropped(ledger));
  }
  static std::size_t spans_in(const test::ReceivedRequest& request) {
    otlp::v1::ExportTraceServiceRequest message;
    EXPECT_TRUE(message.ParseFromString(request.body));
    return static_cast<std::size_t>(message.resource_spans(0).scope_spans(0).spans_size());
  }

  BackendOptions options = plain_options();
  static std::unique_ptr<CurlRuntime> curl;

 private:
  static BackendOptions plain_options() {
    BackendOptions options;
    options.gzip = false;
    options.longest_age = hours{2};
    return options;
  }
};

std::unique_ptr<CurlRuntime> BackendSinkTest::curl;

TEST_F(BackendSinkTest, PostsWhatTheProtocolAsksFor) {
  FaultServer server({answer("200 OK", kProtobufType)});
  server.start();
  options.headers = {{"x-api-key", "k"}, {"x-empty", ""}};
  auto sink = open(server, milliseconds{1});
  sink->send(test::batch_of_size(3));
  sink->send(test::batch_of_size(2));
  sink->flush(kPatience);

  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(spans_in(requests[0]), 3u);
  EXPECT_EQ(spans_in(requests[1]), 2u);
  const std::string& head = requests[0].head;
  EXPECT_EQ(head.rfind("POST /v1/traces HTTP/1.1\r\n", 0), 0u) << head;
  for (const char* line : {"\r\nContent-Type: application/x-protobuf\r\n",
                           "\r\nUser-Agent: suture/" SUTURE_VERSION " OTel-OTLP-Exporter-Cpp/" SUTURE_VERSION "\r\n",
                           "\r\nx-api-key: k\r\n", "\r\nx-empty:\r\n"})
    EXPECT_NE(head.find(line), std::string::npos) << line << " is not in\n" << head;
  EXPECT_EQ(sink->ledger().accepted, 5u);
  expect_balanced(*sink);
}

TEST_F(BackendSinkTest, DoesNotAskBeforeItSendsALargeBody) {
  FaultServer server({answer("200 OK")});
  server.start();
  auto sink = open(server, milliseconds{1});
  Span span = test::server_span(1);
  span.name.assign(2 * 1024 * 1024, 'x');  // libcurl would announce more than 1 MiB by "Expect: 100-continue"
  sink->send(test::batch_of({span}));
  sink->flush(kPatience);
  ASSERT_EQ(server.request_count(), 1u);
  EXPECT_EQ(server.requests()[0].head.find("Expect:"), std::string::npos) << server.requests()[0].head;
}

TEST_F(BackendSinkTest, PostsToZipkinByTheSameRules) {
  FaultServer server({answer("503 Service Unavailable"), answer("202 Accepted")});
  server.start();
  options.protocol = OtlpProtocol::ZipkinJson;
  auto sink = open(server, milliseconds{1});
  sink->send(test::batch_of_size(2));
  ASSERT_TRUE(test::wait_until([&] { return sink->ledger().accepted == 2; }));
  sink->flush(kPatience);
  ASSERT_EQ(server.request_count(), 2u);
  const auto request = server.requests()[1];
  EXPECT_NE(request.head.find("\r\nContent-Type: application/json\r\n"), std::string::npos) << request.head;
  EXPECT_EQ(request.body.rfind(R"([{"traceId":")", 0), 0u) << request.body;
  EXPECT_EQ(server.requests()[0].body, request.body);
  expect_balanced(*sink);
}

TEST_F(BackendSinkTest, SaysThatABodyIsGzip) {
  FaultServer server({answer("200 OK")});
  server.start();
  options.gzip = true;
  auto sink = open(server, milliseconds{1});
  sink->send(test::batch_of_size(1));
  sink->flush(kPatience);
  ASSERT_EQ(server.request_count(), 1u);
  EXPECT_NE(server.requests()[0].head.find("\r\nContent-Encoding: gzip\r\n"), std::string::npos);
  EXPECT_EQ(server.requests()[0].body.substr(0, 2), "\x1f\x8b");
}

TEST_F(BackendSinkTest, RetriesUntilTheEndpointTakesTheSpans) {
  const std::pair<const char*, test::Step> cases[] = {
      {"503", answer("503 Service Unavailable")},
      {"429", answer("429 Too Many Requests")},
      {"502 with words", answer("502 Bad Gateway", "Content-Type: text/plain\r\n", "no upstream")},
      {"closed without an answer", test::close()},
      {"reset", test::reset()},
  };
  for (const auto& [what, fault] : cases) {
    SCOPED_TRACE(what);
    FaultServer server({fault, fault, answer("200 OK")});
    server.start();
    auto sink = open(server, milliseconds{1});
    sink->send(test::batch_of_size(4));
    ASSERT_TRUE(test::wait_until([&] { return sink->ledger().accepted == 4; }));
    const auto requests = server.requests();
    EXPECT_GE(requests.size(), 3u);
    EXPECT_EQ(requests.front().body, requests.back().body);
    expect_balanced(*sink);
  }
}

TEST_F(BackendSinkTest, WaitsAsLongAsTheEndpointAsksInsteadOfItsOwnBackoff) {
  // The sink's own back-off is an hour: it comes back in time only if it follows the header.
  for (const std::string& when : {std::string("1"), http_date(seconds{3})}) {
    SCOPED_TRACE(when);
    FaultServer server({answer("429 Too Many Requests", "Retry-After: " + when + "\r\n"), answer("200 OK")});
    server.start();
    auto sink = open(server, hours{1});
    sink->send(test::batch_of_size(1));
    EXPECT_TRUE(test::wait_until([&] { return sink->ledger().accepted == 1; }));
    EXPECT_EQ(server.request_count(), 2u);
  }
}

TEST_F(BackendSinkTest, DropsAndCountsWhatIsRefusedForGood) {
  const std::pair<const char*, test::Step> cases[] = {
      {"400", answer("400 Bad Request")},
      {"500", answer("500 Internal Server Error")},
      {"413", answer("413 Content Too Large")},
      {"redirect", answer("307 Temporary Redirect", "Location: http://127.0.0.1:1/\r\n")},
      {"huge answer", answer("200 OK", {}, std::string(5 * 1024 * 1024, 'x'))},
  };
  for (const auto& [what, fault] : cases) {
    SCOPED_TRACE(what);
    FaultServer server({fault, answer("200 OK")});
    server.start();
    auto sink = open(server, milliseconds{1});
    sink->send(test::batch_of_size(4));
    sink->send(test::batch_of_size(2));
    sink->flush(kPatience);
    EXPECT_EQ(sink->ledger().dropped_rejected, 4u);
    EXPECT_EQ(sink->ledger().accepted, 2u);
    EXPECT_EQ(server.request_count(), 2u);
    expect_balanced(*sink);
  }
}

TEST_F(BackendSinkTest, CountsWhatIsTooLargeToBeSentAndDoesNotSendIt) {
  FaultServer server({answer("200 OK")});
  server.start();
  Span span = test::server_span(1);
  span.name.assign(2 << 20, 'x');
  options.backlog_bytes = 1 << 20;
  auto small = open(server, milliseconds{1});
  small->send(test::batch_of({span}));
  small->flush(kPatience);
  EXPECT_EQ(small->ledger().dropped_too_large, 1u);
  EXPECT_EQ(server.request_count(), 0u);
  expect_balanced(*small);
}

TEST_F(BackendSinkTest, IsPatientWithAServerThatReadsSlowly) {
  FaultServer server({answer("200 OK")});
  server.read_slowly();
  server.start();
  auto sink = open(server, milliseconds{1});
  Span span = test::server_span(1);
  span.name.assign(100'000, 'x');
  sink->send(test::batch_of({span}));
  EXPECT_TRUE(test::wait_until([&] { return sink->ledger().accepted == 1; }));
  EXPECT_EQ(server.request_count(), 1u);
}

TEST_F(BackendSinkTest, TakesBatchesWhileAnAnswerIsOutstanding) {
  FaultServer server({test::hang()});
  server.start();
  options.timeout = hours{1};
  // Room for one batch: the second is taken only if the first has left the queue, and so on.
  const Batch batch = test::batch_of_size(1);
  options.queue_bytes = batch.weight_bytes;
  auto sink = open(server, hours{1});
  const auto taken = [&] { return sink->ledger().waiting; };
  for (std::uint64_t wanted = 1; wanted <= 20; ++wanted) {
    EXPECT_TRUE(test::wait_until([&] {
      sink->send(batch);
      return taken() == wanted;
    }));
  }
}

TEST_F(BackendSinkTest, DoesNotHoldUpOneDestinationByAnother) {
  FaultServer hanging({test::hang()});
  FaultServer well({answer("200 OK")});
  hanging.start();
  well.start();
  options.timeout = hours{1};
  auto stuck = open(hanging, hours{1});
  auto free = open(well, hours{1});
  for (int i = 0; i < 3; ++i) {
    stuck->send(test::batch_of_size(2));
    free->send(test::batch_of_size(2));
  }
  EXPECT_TRUE(test::wait_until([&] { return free->ledger().accepted == 6; }));
  EXPECT_EQ(stuck->ledger().waiting, 6u);
  expect_balanced(*stuck);
  expect_balanced(*free);
}

TEST_F(BackendSinkTest, SpeaksGrpcThroughAllOfItsFaults) {
  options.protocol = OtlpProtocol::Grpc;
  otlp::v1::ExportTraceServiceResponse partly;
  partly.mutable_partial_success()->set_rejected_spans(2);
  const std::string yes = grpc_frame({}, false);
  FaultServer server({
      test::http2_answer({{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "14"}, {"grpc-message", "busy"}}),
      test::http2_answer({{":status", "503"}}),
      test::close(),
      test::reset(),
      test::grpc_answer(yes, {{"grpc-status", "0"}}),                                                       // 4 accepted
      test::grpc_answer(grpc_frame(partly.SerializeAsString(), false), {{"grpc-status", "0"}}),             // 3 of 5
      test::http2_answer({{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "3"}}),  // 6 refused
      test::http2_answer({{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "8"}}),  // 7 refused
      test::grpc_answer(yes, {{"grpc-status", "0"}}),
  });
  server.start();
  auto sink = open(server, milliseconds{1});
  for (std::size_t spans : {4u, 5u, 6u, 7u, 8u}) sink->send(test::batch_of_size(spans));
  EXPECT_TRUE(test::wait_until([&] { return sink->ledger().waiting == 0; }));
  EXPECT_EQ(sink->ledger().accepted, 4u + 3u + 8u);
  EXPECT_EQ(sink->ledger().dropped_rejected, 2u + 6u + 7u);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 9u);
  EXPECT_EQ(requests[0].body, requests[4].body) << "the same request, until it is taken";
  RequestEncoder encoder(OtlpProtocol::Grpc, false);
  EXPECT_EQ(requests[8].body, encoder.encode(test::batch_of_size(8)));
  expect_balanced(*sink);
}

TEST_F(BackendSinkTest, NeverSendsAPartlyAcceptedRequestAgain) {
  FaultServer server({answer("200 OK", kProtobufType, partial_success(3))});
  server.start();
  auto sink = open(server, milliseconds{1});
  sink->send(test::batch_of_size(10));
  sink->flush(kPatience);
  EXPECT_EQ(sink->ledger().accepted, 7u);
  EXPECT_EQ(sink->ledger().dropped_rejected, 3u);
  EXPECT_EQ(server.request_count(), 1u);
  expect_balanced(*sink);
}

TEST_F(BackendSinkTest, GivesUpOnAnAttemptThatHangs) {
  FaultServer server({test::hang(), answer("200 OK")});
  server.start();
  options.timeout = milliseconds{100};
  auto sink = open(server, milliseconds{1});
  sink->send(test::batch_of_size(1));
  EXPECT_TRUE(test::wait_until([&] { return sink->ledger().accepted == 1; }));
  EXPECT_GE(server.request_count(), 2u);
}

TEST_F(BackendSinkTest, KeepsSpansUntilAnEndpointThatStartsLaterIsThere) {
  FaultServer server({answer("200 OK")});
  auto sink = open(server, milliseconds{1});
  sink->send(test::batch_of_size(2));
  sink->send(test::batch_of_size(3));
  EXPECT_EQ(sink->ledger().waiting, 5u);
  server.start();
  EXPECT_TRUE(test::wait_until([&] { return sink->ledger().accepted == 5; }));
  expect_balanced(*sink);
}

TEST_F(BackendSinkTest, DropsWhatHasBecomeTooOld) {
  FaultServer server({answer("200 OK")});  // never started
  options.longest_age = milliseconds{1};
  auto sink = open(server, milliseconds{1});
  sink->send(test::batch_of_size(2));
  EXPECT_TRUE(test::wait_until([&] { return sink->ledger().dropped_expired == 2; }));
  expect_balanced(*sink);
}

TEST_F(BackendSinkTest, DropsTheOldestWhenTheBacklogIsFull) {
  FaultServer server({answer("200 OK")});
  OtlpEncoder encoder;
  options.backlog_bytes = 2 * encoder.encode(test::batch_of_size(1)).size() + 10;
  auto sink = open(server, milliseconds{1});
  sink->send(test::batch_of({test::server_span(1)}));
  sink->send(test::batch_of({test::server_span(2)}));
  sink->send(test::batch_of({test::server_span(3)}));
  ASSERT_TRUE(test::wait_until([&] { return sink->ledger().dropped_queue_full == 1; }));
  server.start();
  ASSERT_TRUE(test::wait_until([&] { return sink->ledger().accepted == 2; }));
  otlp::v1::ExportTraceServiceRequest first;
  ASSERT_TRUE(first.ParseFromString(server.requests().at(0).body));
  EXPECT_EQ(first.resource_spans(0).scope_spans(0).spans(0).span_id().back(), '\x02');
  expect_balanced(*sink);
}

TEST_F(BackendSinkTest, TriesOnceMoreAtTheEndInsteadOfWaiting) {
  FaultServer server({answer("503 Service Unavailable"), answer("200 OK")});
  server.start();
  auto sink = open(server, hours{1});
  sink->send(test::batch_of_size(2));
  ASSERT_TRUE(test::wait_until([&] { return server.request_count() == 1; }));
  sink->send(test::batch_of_size(3));
  sink->flush(kPatience);
  EXPECT_EQ(sink->ledger().accepted, 5u);
  expect_balanced(*sink);
}

TEST_F(BackendSinkTest, CountsWhatCouldNotBeSentByTheEnd) {
  FaultServer unreachable({answer("200 OK")});  // never started
  auto sink = open(unreachable, hours{1});
  sink->send(test::batch_of_size(2));
  sink->flush(kPatience);
  EXPECT_EQ(sink->ledger().dropped_expired, 2u);
  expect_balanced(*sink);
}

TEST_F(BackendSinkTest, EndsInTimeThoughTheEndpointHangs) {
  FaultServer server({test::hang()});
  server.start();
  options.timeout = hours{1};  // would outlast the test
  auto sink = open(server, hours{1});
  sink->send(test::batch_of_size(2));
  sink->send(test::batch_of_size(3));
  ASSERT_TRUE(test::wait_until([&] { return server.request_count() == 1; }));
  sink->flush(milliseconds{50});
  EXPECT_EQ(sink->ledger().dropped_expired, 5u);
  expect_balanced(*sink);
}

class OtlpSpillTest : public BackendSinkTest {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "suture-spill-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory = name;
    options.spill_to(name, 256 << 20);
  }
  void TearDown() override { std::filesystem::remove_all(directory); }

  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> found;
    for (const auto& file : std::filesystem::recursive_directory_iterator(directory))
      if (file.path().extension() == ".otlp") found.push_back(file.path());
    return found;
  }

  std::filesystem::path directory;
};

TEST_F(OtlpSpillTest, DeliversOnceWhatAnAgentHeldThatWasKilled) {
  FaultServer server({answer("200 OK")});  // not there yet
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto sink = open(server, hours{1});
    for (int i = 0; i < 10; ++i) sink->send(test::batch_of_size(1000));
    while (true) ::pause();
  }
  EXPECT_TRUE(test::wait_until([&] { return files().size() == 10; }));
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);

  server.start();
  auto sink = open(server, milliseconds{1});
  EXPECT_TRUE(test::wait_until([&] { return sink->ledger().accepted == 10'000; }));
  EXPECT_EQ(server.request_count(), 10u);
  std::size_t spans = 0;
  for (const auto& request : server.requests()) spans += spans_in(request);
  EXPECT_EQ(spans, 10'000u);
  EXPECT_TRUE(files().empty());
  EXPECT_EQ(sink->ledger().queued, 10'000u);
  expect_balanced(*sink);
}

TEST_F(OtlpSpillTest, LeavesForTheNextStartWhatCouldNotBeSent) {
  FaultServer server({answer("200 OK")});  // not there yet
  auto first = open(server, hours{1});
  first->send(test::batch_of_size(2));
  first->flush(milliseconds{0});
  EXPECT_EQ(first->ledger().waiting, 2u);
  expect_balanced(*first);
  first.reset();
  server.start();
  auto second = open(server, milliseconds{1});
  second->send(test::batch_of_size(3));
  EXPECT_TRUE(test::wait_until([&] { return second->ledger().accepted == 5; }));
  EXPECT_EQ(spans_in(server.requests().at(0)), 2u) << "the oldest first";
}

TEST_F(OtlpSpillTest, DropsAndCountsTheOldestBeyondItsLimit) {
  FaultServer unreachable({answer("200 OK")});
  OtlpEncoder encoder;
  options.spill_bytes = 2 * encoder.encode(test::batch_of_size(1)).size();
  auto sink = open(unreachable, milliseconds{1});
  for (int i = 0; i < 5; ++i) sink->send(test::batch_of_size(1));
  EXPECT_TRUE(test::wait_until([&] { return sink->ledger().dropped_queue_full == 3; }));
  EXPECT_EQ(sink->ledger().waiting, 2u);
  expect_balanced(*sink);
}

TEST_F(OtlpSpillTest, KeepsInMemoryWhatTheDiskDoesNotTake) {
  FaultServer server({answer("200 OK")});
  auto sink = open(server, milliseconds{1});
  std::filesystem::remove_all(directory);
  sink->send(test::batch_of_size(2));
  server.start();
  EXPECT_TRUE(test::wait_until([&] { return sink->ledger().accepted == 2; }));
}

TEST_F(OtlpSpillTest, CountsWhatWasBrokenOnDisk) {
  FaultServer server({answer("200 OK")});
  open(server, hours{1})->send(test::batch_of_size(2));
  ASSERT_EQ(files().size(), 1u);
  std::filesystem::resize_file(files().front(), 7);
  server.start();
  auto sink = open(server, milliseconds{1});
  EXPECT_TRUE(test::wait_until([&] { return sink->ledger().dropped_write == 2; }));
  EXPECT_EQ(server.request_count(), 0u);
  EXPECT_TRUE(files().empty());
  expect_balanced(*sink);
}

/// A delivery whose clock the test sets: an hour costs nothing.
struct Replayed {
  Replayed(const BackendOptions& options, OtlpEncoder& encoder) : encoder(encoder) {
    auto opened = RequestDelivery::open(options, account, [this] { return now; });
    EXPECT_TRUE(opened) << opened.error();
    delivery = std::move(opened).value();
  }
  /// A second passes, in which so many spans are made; nobody has had their ids before.
  void second(int spans) {
    now += seconds{1};
    std::vector<Span> made;
    for (int i = 0; i < spans; ++i) {
      made.push_back(test::server_span(1));
      std::memcpy(made.back().span_id.bytes.data(), &++last_id, sizeof(last_id));
    }
    if (spans != 0) {
      account.enter(made.size(), UINT64_MAX);
      delivery->add(encoder.encode(test::batch_of(made)), made.size());
    }
    delivery->wake();  // work() would wait for the next try in the time of the world
    delivery->work();
  }

  OtlpEncoder& encoder;
  DeliveryAccount account;
  RequestDelivery::Clock::time_point now = RequestDelivery::Clock::now();
  std::unique_ptr<RequestDelivery> delivery;
  std::uint64_t last_id = 0;
};

TEST_F(OtlpSpillTest, LosesNothingUncountedWhenTheBackendIsAwayForTenMinutes) {
  FaultServer server({test::close(), answer("503 Service Unavailable"), answer("200 OK", kProtobufType, partial_success(3)), answer("200 OK", kProtobufType)});
  options.endpoint.url = server.url();
  constexpr int kSpans = 20, kRoom = 100;
  OtlpEncoder encoder;
  options.spill_bytes = kRoom * encoder.encode(test::batch_of_size(kSpans)).size();
  options.first_backoff = seconds{5};
  options.longest_backoff = seconds{30};
  Replayed replayed(options, encoder);

  for (int second = 0; second < 600; ++second) replayed.second(kSpans);
  DeliveryLedger ledger = replayed.account.ledger();
  EXPECT_EQ(ledger.queued, 600u * kSpans);
  EXPECT_EQ(ledger.accepted, 0u);
  EXPECT_EQ(ledger.queued, ledger.waiting + ledger.dropped_queue_full) << "and for no other reason";
  EXPECT_LE(ledger.waiting, static_cast<std::uint64_t>(kRoom * kSpans));
  EXPECT_GE(ledger.waiting, static_cast<std::uint64_t>((kRoom - 5) * kSpans)) << "the disk is full of it";
  const std::uint64_t waited = ledger.waiting;

  server.start();
  ASSERT_TRUE(test::wait_until([&] {
    replayed.second(0);
    return replayed.account.ledger().waiting == 0;
  }));
  ledger = replayed.account.ledger();
  EXPECT_EQ(ledger.dropped_rejected, 3u);
  EXPECT_EQ(ledger.accepted, waited - 3);
  EXPECT_EQ(ledger.queued, ledger.accepted + ledger.dropped_queue_full + ledger.dropped_rejected);
  EXPECT_TRUE(files().empty());

  std::map<std::string, int> times;  // that a span arrived
  for (const auto& request : server.requests()) {
    otlp::v1::ExportTraceServiceRequest message;
    ASSERT_TRUE(message.ParseFromString(request.body));
    for (const auto& span : message.resource_spans(0).scope_spans(0).spans()) ++times[span.span_id()];
  }
  EXPECT_EQ(times.size(), waited);
  for (const auto& [id, count] : times) EXPECT_LE(count, 3);
  EXPECT_EQ(std::count_if(times.begin(), times.end(), [](const auto& each) { return each.second > 1; }), kSpans) << "the batch whose answers were lost or not yet";
}

TEST_F(OtlpSpillTest, IsNotSharedByTwo) {
  FaultServer server({answer("200 OK")});
  auto sink = open(server, hours{1});
  const auto other = BackendSink::open(options);
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().find("Another suture uses it"), std::string::npos) << other.error();
}

TEST_F(BackendSinkTest, RefusesAUrlThatIsNone) {
  options.endpoint.url = "http://[::1/v1/traces";
  EXPECT_FALSE(BackendSink::open(options));
}

}  // namespace
}  // namespace suture

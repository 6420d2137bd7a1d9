// Redaction of pieces by what the HTTP parser says they are.
#include "recording/redactor.h"

#include <gtest/gtest.h>

#include "../proto/fastcgi/records.h"
#include "events.h"
#include "proto/fastcgi/session.h"
#include "proto/http1/session.h"

namespace suture {
namespace {

using test::data_event;

class RedactorTest : public testing::Test {
 protected:
  std::string redact(data_kind kind, std::uint32_t seq, std::string text, std::vector<Segment> segments) {
    const test::Event event = data_event(1, DIRECTION_SEND, kind, seq, text);
    redactor_.redact(*reinterpret_cast<const event_data*>(event.bytes().data()), segments, text);
    return text;
  }
  Redactor redactor_;
};

TEST_F(RedactorTest, BlanksBodiesAndWhatIsInNoSegment) {
  EXPECT_EQ(redact(DATA_START, 0, "X / \r\n\r\nbody\r\nrest", {{0, 8, PieceClass::Head}, {8, 4, PieceClass::Body}}),
            "X / \r\n\r\nxxxx\r\nxxxx");
  EXPECT_EQ(redact(DATA_START, 0, "X / \r\n\r\n", {}), "xxxx\r\n\r\n");
  EXPECT_EQ(redact(DATA_START, 0, "secret", {{0, 6, PieceClass::Unknown}}), "xxxxxx");
}

TEST_F(RedactorTest, KeepsNothingButSizesOfChunkFraming) {
  EXPECT_EQ(redact(DATA_CONTINUE, 0, "1aF; \r\nzg:\r\n", {{0, 12, PieceClass::ChunkMeta}}), "1aF; \r\nxxx\r\n");
}

TEST_F(RedactorTest, BlanksTrailersBehindChunks) {
  redact(DATA_START, 0, "X / \r\n\r\n", {{0, 8, PieceClass::Head}});
  EXPECT_EQ(redact(DATA_CONTINUE, 8, "0\r\nSum: secret\r\n\r\n",
                   {{0, 3, PieceClass::ChunkMeta}, {3, 13, PieceClass::Head}, {16, 2, PieceClass::ChunkMeta}}),
            "0\r\nSum: xxxxxx\r\n\r\n");
}

TEST_F(RedactorTest, GoesOnWithAHeadThatWasCut) {
  EXPECT_EQ(redact(DATA_START, 10, "X / \r\nA: sec", {{0, 12, PieceClass::Head}}), "X / \r\nA: xxx");
  EXPECT_EQ(redact(DATA_CONTINUE, 22, "ret\r\nHost: h\r\n\r\n", {{0, 16, PieceClass::Head}}), "xxx\r\nHost: h\r\n\r\n");
}

TEST_F(RedactorTest, SkipsWhatARetriedSendRepeats) {
  redact(DATA_START, 10, "X / \r\nA: sec", {{0, 12, PieceClass::Head}});
  EXPECT_EQ(
      redact(DATA_CONTINUE, 19, "secret\r\nHost: h\r\n\r\n", {{0, 3, PieceClass::Unknown}, {3, 16, PieceClass::Head}}),
      "xxxxxx\r\nHost: h\r\n\r\n");
}

TEST_F(RedactorTest, TrustsNoHeadThatContinuesBehindAHole) {
  redact(DATA_START, 10, "X / \r\nHost: h", {{0, 13, PieceClass::Head}});
  EXPECT_EQ(redact(DATA_CONTINUE, 30, "secret\r\nHost: h\r\n\r\n", {{0, 19, PieceClass::Head}}),
            "xxxxxx\r\nxxxxxxx\r\n\r\n");
  EXPECT_EQ(redactor_.counters().lost.get(), 1u);
  EXPECT_EQ(redact(DATA_START, 90, "Y / \r\nHost: h\r\n\r\n", {{0, 17, PieceClass::Head}}), "Y / \r\nHost: h\r\n\r\n");
}

TEST_F(RedactorTest, TrustsNoHeadOfAConnectionWhoseBeginningItDidNotSee) {
  EXPECT_EQ(redact(DATA_CONTINUE, 0, "secret\r\n\r\n", {{0, 10, PieceClass::Head}}), "xxxxxx\r\n\r\n");
}

TEST_F(RedactorTest, StaysWithinTheBytesWhateverTheSegmentsSay) {
  EXPECT_EQ(
      redact(DATA_START, 0, "secret",
             {{4, 0xffffffff, PieceClass::Body}, {0, 3, PieceClass::Body}, {0xffffffff, 0xffffffff, PieceClass::Head}}),
      "xxxxxx");
}

TEST_F(RedactorTest, RemembersABoundedNumberOfConnections) {
  for (std::uint64_t connection = 0; connection < Redactor::kConnectionsMax + 10; ++connection) {
    const test::Event event = data_event(connection, DIRECTION_SEND, DATA_START, 0, "");
    redactor_.redact(*reinterpret_cast<const event_data*>(event.bytes().data()), {}, {});
  }
  EXPECT_EQ(redactor_.counters().evicted.get(), 10u);
}

// ---- with the real parser: what is left of a dialogue is the same dialogue

struct Found : ExchangeSink {
  void on_request(std::uint64_t, Direction, const Message&, const HttpRequest&) override {}
  void on_exchange(Exchange&& exchange) override {
    const auto& http = std::get<HttpExchange>(exchange.detail);
    const std::string target(http.request.target.in(http.request.head));
    exchanges.push_back(std::string(http.request.method.in(http.request.head)) + " " +
                        target.substr(0, target.find('?')) + " " + std::to_string(http.response.status) + " " +
                        std::to_string(exchange.response.begin_pos));
  }
  std::vector<std::string> exchanges;
};

const std::string kRequests =
    "POST /a?SECRET=1&k=SECRET HTTP/1.1\r\nHost: h\r\nCookie: SECRET\r\nTransfer-Encoding: chunked\r\n\r\n"
    "6;e=SECRET\r\nSECRET\r\n0\r\nSum: SECRET\r\n\r\n"
    "GET /b HTTP/1.1\r\nHost: h\r\nAuthorization: SECRET\r\n\r\n";
const std::string kResponses =
    "HTTP/1.1 201 Created\r\nSet-Cookie: SECRET\r\nContent-Length: 6\r\n\r\nSECRET"
    "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nSECRET";

/// Runs both directions through a session, each cut in two, and gives back what a recording would hold of them.
template <typename Protocol = http1::Session>
std::vector<std::string> run(std::string& requests, std::string& responses, std::size_t cut) {
  ExchangeCounters counters;
  Protocol session(1, counters);
  session.keep_segments();
  Redactor redactor;
  Found found;
  const auto send = [&](Direction direction, std::string& text, std::size_t begin, std::size_t end) {
    if (begin == end) return;
    const data_kind kind = begin == 0 ? DATA_START : DATA_CONTINUE;
    const std::span<char> piece = std::span(text).subspan(begin, end - begin);
    session.bytes(direction, kind == DATA_START ? BytesKind::Start : BytesKind::Continue, begin,
                  std::as_bytes(piece), {.time_ns = 1 + begin, .wait_ns = 0, .process = {}, .tid = 0}, found);
    const test::Event event = data_event(1, direction == Direction::Send ? DIRECTION_SEND : DIRECTION_RECEIVE, kind,
                                         static_cast<std::uint32_t>(begin), {piece.data(), piece.size()});
    redactor.redact(*reinterpret_cast<const event_data*>(event.bytes().data()), session.segments(), piece);
  };
  send(Direction::Receive, requests, 0, std::min(cut, requests.size()));
  send(Direction::Receive, requests, std::min(cut, requests.size()), requests.size());
  send(Direction::Send, responses, 0, std::min(cut, responses.size()));
  send(Direction::Send, responses, std::min(cut, responses.size()), responses.size());
  return found.exchanges;
}

TEST(RedactedDialogue, IsStillTheSameDialogueWithoutItsSecrets) {
  const std::vector<std::string> expected = {"POST /a 201 0",
                                             "GET /b 200 " + std::to_string(kResponses.find("HTTP/1.1 200"))};
  for (std::size_t cut = 0; cut <= std::max(kRequests.size(), kResponses.size()); ++cut) {
    std::string requests = kRequests, responses = kResponses;
    ASSERT_EQ(run(requests, responses, cut), expected) << cut;
    // "SECRET=" is the name of a parameter, which stays where it is seen whole.
    if (const std::size_t name = requests.find("SECRET="); name != std::string::npos) requests.erase(name, 6);
    EXPECT_EQ(requests.find("SECRET"), std::string::npos) << cut << "\n" << requests;
    EXPECT_EQ(responses.find("SECRET"), std::string::npos) << cut << "\n" << responses;
  }
  for (std::size_t cut = 0; cut <= std::max(kRequests.size(), kResponses.size()); ++cut) {
    std::string requests = kRequests, responses = kResponses;
    run(requests, responses, cut);
    ASSERT_EQ(run(requests, responses, cut), expected) << cut << ": the redacted bytes, replayed\n" << requests;
  }
}

TEST(RedactedDialogue, OfFastcgiIsStillTheSameWithoutItsSecrets) {
  const std::string uri = "/a?SECRET=1&k=SECRET";
  const std::string requests = fastcgi::head(1, {{"HTTP_TRACEPARENT", "00-1-2-01"}, {"REQUEST_METHOD", "POST"}, {"REQUEST_URI", uri}, {"QUERY_STRING", "k=SECRET"},
                                                 {"HTTP_COOKIE", "SECRET"}, {"HTTP_AUTHORIZATION", std::string(200, 'S') + "SECRET"},
                                                 {"DOCUMENT_ROOT", "SECRET"}, {"HTTP_HOST", "h"}},
                                             30, 2);
  const std::string responses = fastcgi::error(1, "SECRET: warning\n") + fastcgi::output(1, "Set-Cookie: k=SEC", 3) +
                                fastcgi::output(1, "RET\r\nStatus: 404 Not Found\r\n\r\nSECRET") + fastcgi::end(1);
  const std::vector<std::string> expected = {"POST /a 404 0"};
  for (std::size_t cut = 0; cut <= std::max(requests.size(), responses.size()); ++cut) {
    std::string asked = requests, answered = responses;
    ASSERT_EQ(run<fastcgi::Session>(asked, answered, cut), expected) << cut;
    if (const std::size_t name = asked.find("SECRET="); name != std::string::npos) asked.replace(name, 6, "Secret");
    EXPECT_EQ(asked.find("SECRET"), std::string::npos) << cut << "\n" << asked;
    EXPECT_EQ(answered.find("SEC"), std::string::npos) << cut << "\n" << answered;
    EXPECT_EQ(answered.find("RET\r"), std::string::npos) << cut << "\n" << answered;
    EXPECT_NE(asked.find("00-1-2-01"), std::string::npos) << cut;
    ASSERT_EQ(run<fastcgi::Session>(asked, answered, cut), expected) << cut << ": the redacted bytes, replayed\n" << asked;
  }
}

TEST(ParamRedactor, AfterALossTheNextRequestIsReadFromItsBeginning) {
  const std::string whole = fastcgi::pairs({{"HTTP_COOKIE", "SECRET"}, {"REQUEST_METHOD", "GET"}}, true);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    ParamRedactor redactor;
    redactor.begin();
    std::string before = whole.substr(0, cut), lost = whole, after = whole;
    redactor.redact(before);
    redactor.lose();
    redactor.redact(lost);
    EXPECT_EQ(lost, std::string(whole.size(), 'x')) << cut;
    redactor.begin();
    redactor.redact(after);
    EXPECT_EQ(after, fastcgi::pairs({{"HTTP_COOKIE", "xxxxxx"}, {"REQUEST_METHOD", "GET"}}, true)) << cut;
  }
}

}  // namespace
}  // namespace suture

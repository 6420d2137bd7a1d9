// What becomes of FastCGI on one connection: which exchanges come, and where reading ends.
#include "proto/fastcgi/session.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "records.h"

namespace suture::fastcgi {
namespace {

/// The web server asks, the application answers; each call is one operation, 1000 ns after the one before.
class Story : public ExchangeSink {
 public:
  void ask(std::string_view text, BytesKind kind = BytesKind::Start) { move(Direction::Receive, text, kind, text.size()); }
  void answer(std::string_view text, BytesKind kind = BytesKind::Start) { move(Direction::Send, text, kind, text.size()); }
  /// Of a call with `text` only the first bytes are copied.
  void answer_copied(std::string_view text, std::size_t copied) { move(Direction::Send, text, BytesKind::Start, copied); }
  /// And of one only the last bytes.
  void answer_tail(std::size_t unseen, std::string_view tail) {
    pos_[1] += unseen;
    move(Direction::Send, tail, BytesKind::Tail, tail.size());
  }
  void ask_unseen(std::size_t size) { unseen(Direction::Receive, size); }
  void answer_unseen(std::size_t size) { unseen(Direction::Send, size); }
  void look() {
    for (const Direction d : {Direction::Receive, Direction::Send})
      session.progress(d, pos_[static_cast<int>(d)], last_ns_[static_cast<int>(d)], *this);
  }
  void close(Session::End end = Session::End::Normal, bool by_peer = false) {
    look();
    session.closed(end, by_peer, now_ns_ += 1000, *this);
  }

  void on_request(std::uint64_t, Direction, const Message&, const HttpRequest& request) override {
    EXPECT_LE(request.head.size(), 2u * 16384);
    ++begun;
  }
  void on_exchange(Exchange&& exchange) override {
    const auto& http = std::get<HttpExchange>(exchange.detail);
    if (!told.empty()) told += ", ";
    told += std::string(http.request.target.in(http.request.head)) + " " + std::to_string(http.response.status);
    if (exchange.outcome != Outcome::Answered) told += exchange.outcome == Outcome::Cut ? " cut" : " unanswered";
    if (!exchange.end_confirmed) told += " unconfirmed";
    last = std::move(exchange);
  }
  void on_dropped(std::uint64_t, std::uint64_t) override { ++dropped; }

  ExchangeCounters counters;
  Session session{1, counters};
  std::string told;
  Exchange last;
  int begun = 0, dropped = 0;

 private:
  void move(Direction d, std::string_view text, BytesKind kind, std::size_t copied) {
    look();
    now_ns_ += 1000;
    const Operation operation{now_ns_, 0, ProcessKey{1, 1}, 1};
    const std::uint64_t pos = pos_[static_cast<int>(d)];
    session.bytes(d, kind, pos, std::as_bytes(std::span(text.data(), copied)), operation, *this);
    if (copied < text.size()) session.uncopied(d, pos + text.size(), true, operation, *this);
    unseen(d, text.size());
    now_ns_ -= 1000;
  }
  void unseen(Direction d, std::size_t size) {
    pos_[static_cast<int>(d)] += size;
    last_ns_[static_cast<int>(d)] = now_ns_ += 1000;
  }

  std::uint64_t pos_[2] = {}, last_ns_[2] = {}, now_ns_ = 0;
};

const std::string kOk = output(1, "X-Powered-By: a\r\nContent-type: text/html\r\n\r\nhello");

TEST(FastcgiSession, RequestsAndTheirAnswersMakeExchanges) {
  Story s;
  s.ask(head(1, get("/a")) + no_body(1));
  s.answer(kOk + end(1));
  s.ask(head(1, get("/b"), 7, 3) + no_body(1));
  s.answer(output(1, "Status: 404 Not Found\r\n\r\nno", 5) + output(1, "") + end(1));
  s.ask(head(9, get("/c")) + no_body(9));  // an id is the web server's choice
  s.answer(output(9, "Location: http://elsewhere/\n\n") + end(9));
  s.ask(head(1, get("/d")) + no_body(1));
  s.answer(output(1, "Location: /here\r\n\r\n") + end(1));
  s.ask(head(1, get("/e")) + no_body(1));
  s.answer(end(1, 3));
  s.ask(head(1, get("/f")) + no_body(1));
  s.answer(output(1, "Status: nonsense\r\n\r\n") + end(1));
  EXPECT_EQ(s.told, "/a 200, /b 404, /c 302, /d 0, /e 0, /f 0");
  EXPECT_EQ(s.counters.requests.get(), 6u);
  EXPECT_EQ(s.counters.exchanges.get(), 6u);
}

TEST(FastcgiSession, TellsWhatOneExchangeWas) {
  Story s;
  s.ask(head(1, {{"REQUEST_METHOD", "POST"}, {"REQUEST_URI", "/a"}, {"CONTENT_LENGTH", "5"}}));
  s.ask_unseen(8 + 5 + 8);
  s.answer(error(1, "PHP Warning: Status: 500\r\n\r\n") + output(1, "Sta"));
  s.answer(output(1, "tus: 201\r\nA: b\r\n\r\nbody"), BytesKind::Continue);
  s.answer(output(1, " and more") + end(1), BytesKind::Continue);
  ASSERT_EQ(s.told, "/a 201");
  EXPECT_EQ(s.last.request.begin_ns, 1000u);
  EXPECT_EQ(s.last.request.end_ns, 2000u);
  EXPECT_EQ(s.last.response.begin_ns, 3000u);
  EXPECT_EQ(s.last.response.end_ns, 5000u);
  const auto& http = std::get<HttpExchange>(s.last.detail);
  EXPECT_EQ(http.request.body_bytes, 5u);
  EXPECT_EQ(http.response.body_bytes, 13u);
}

TEST(FastcgiSession, EverySplitGivesTheSame) {
  const std::string asked = head(1, get("/a"), 11, 2) + no_body(1);
  const std::string answered = error(1, "w") + output(1, "Status: 202\r\nX: y\r\n\r\nz", 1) + end(1);
  for (std::size_t i = 1; i < asked.size(); ++i) {
    for (std::size_t j = 1; j < answered.size(); ++j) {
      Story s;
      s.ask(asked.substr(0, i));
      s.ask(asked.substr(i), BytesKind::Continue);
      s.answer(answered.substr(0, j));
      s.answer(answered.substr(j), BytesKind::Continue);
      ASSERT_EQ(s.told, "/a 202") << i << " " << j;
    }
  }
  Story s;
  for (std::size_t i = 0; i < asked.size(); ++i) s.ask(asked.substr(i, 1), i == 0 ? BytesKind::Start : BytesKind::Continue);
  for (const char c : answered) s.answer({&c, 1});
  EXPECT_EQ(s.told, "/a 202");
}

TEST(FastcgiSession, ALongAnswerEndsWhereItsLastBytesSaySo) {
  const std::string big = output(1, "Status: 206\r\n\r\n" + std::string(30000, 'z'));
  Story s;
  s.ask(head(1, get("/a")) + no_body(1));
  s.answer_copied(big, 1024);
  s.answer_unseen(9000);
  EXPECT_TRUE(s.session.may_expire());
  s.answer_tail(500, end(1));
  EXPECT_EQ(s.told, "");
  EXPECT_TRUE(s.session.waiting_for_end());
  s.look();
  EXPECT_EQ(s.told, "/a 206");
}

TEST(FastcgiSession, AnEndMayBeReadHeaderFirst) {
  for (const std::size_t unseen : {0u, 900u}) {  // its record follows what is known, or not
    Story s;
    s.ask(head(1, get("/a")) + no_body(1));
    s.answer_copied(output(1, "Status: 206\r\n\r\n" + std::string(3000, 'z')), 100);
    s.answer_tail(unseen, end(1).substr(0, 8));
    EXPECT_TRUE(s.session.waiting_for_end());
    s.look();
    EXPECT_EQ(s.told, "");
    s.answer_unseen(8);
    s.look();
    EXPECT_EQ(s.told, "/a 206") << unseen;
  }
}

TEST(FastcgiSession, AnEndInTheMiddleOfAnAnswerIsNone) {
  Story s;
  s.ask(head(1, get("/a")) + no_body(1));
  s.answer_copied(output(1, "Status: 206\r\n\r\n" + std::string(30000, 'z')), 100);
  s.answer_tail(20000, end(1));  // what an application prints may look like anything
  s.answer_tail(700, end(2));    // of another request
  s.answer_unseen(90);
  s.look();
  EXPECT_EQ(s.told, "");
  s.ask(head(1, get("/b")) + no_body(1));  // the web server has the answer, then
  EXPECT_EQ(s.told, "/a 206");
}

TEST(FastcgiSession, AnEndBehindUnseenContentIsFollowedExactly) {
  const std::string big = output(1, "\r\n" + std::string(8000, 'z'), 6);
  Story s;
  s.ask(head(1, get("/a")) + no_body(1));
  s.answer_copied(big, 100);
  s.answer_tail(0, end(1));
  ASSERT_EQ(s.told, "/a 200");
  EXPECT_EQ(std::get<HttpExchange>(s.last.detail).response.body_bytes, 8000u);
}

TEST(FastcgiSession, ABodyThatLooksLikeARequestIsABody) {
  Story s;
  s.ask(head(1, {{"REQUEST_METHOD", "POST"}, {"REQUEST_URI", "/a"}, {"CONTENT_LENGTH", "4000"}}));
  s.ask(record(5, 1, head(1, get("/no"))));
  s.answer(output(1, "Status: 200\r\n\r\n"));
  s.ask(head(1, get("/no")));
  s.answer(output(1, "more") + end(1), BytesKind::Continue);
  EXPECT_EQ(s.told, "/a 200");
  EXPECT_EQ(s.begun, 1);
}

TEST(FastcgiSession, MultiplexedAndOddOnesEndTheReading) {
  const std::string one = head(1, get("/a")) + no_body(1);
  const std::vector<std::vector<std::string>> odd = {
      {one, head(2, get("/b"))},                                   // did not wait
      {begin(1) + record(4, 2, pairs(get("/a")))},                 // of another request
      {begin(1) + record(5, 1, "")},                               // a body before the head's end
      {begin(1) + record(2, 1, "")},                               // aborted
      {begin(1, true, 2)},                                         // an authorizer
      {begin(0)},
      {record(1, 1, "short")},
      {begin(1) + begin(1)},
      {begin(1) + std::string("\x02\x04\x00\x01\x00\x00\x00\x00", 8)},  // another version
  };
  for (const auto& calls : odd) {
    Story s;
    for (const std::string& call : calls) s.ask(call);
    s.answer(kOk + end(1));
    s.ask(one);
    s.close();
    EXPECT_EQ(s.told, "");
    EXPECT_EQ(s.counters.abandoned.get(), 1u);
    EXPECT_EQ(s.counters.requests.get(), s.counters.dropped());
  }
  for (const std::string& bad : {output(2, "\r\n"), record(9, 1, ""), std::string("HTTP/1.1 200 OK\r\n\r\n"), record(3, 1, "short")}) {
    Story s;
    s.ask(one);
    s.answer(bad);
    EXPECT_EQ(s.counters.abandoned.get(), 1u);
    EXPECT_EQ(s.dropped, 1);
  }
}

TEST(FastcgiSession, AfterAHoleTheNextRequestIsCertainAgain) {
  Story s;
  s.ask(head(1, get("/a")) + no_body(1));
  s.answer_unseen(40);
  s.answer(kOk + end(1));  // perhaps its second half
  s.ask(head(1, get("/b")) + no_body(1));
  s.answer(kOk + end(1));
  s.ask(begin(1));
  s.ask_unseen(3);
  s.ask(record(4, 1, pairs(get("/c"))), BytesKind::Continue);
  s.answer(kOk + end(1));
  s.ask(head(1, get("/d")) + no_body(1));
  s.answer_unseen(500);
  s.ask(head(1, get("/e")));
  s.answer(kOk + end(1));
  EXPECT_EQ(s.told, "/b 200, /e 200");
  EXPECT_EQ(s.dropped, 2);
  EXPECT_EQ(s.counters.holes.get(), 3u);
  EXPECT_EQ(s.counters.responses_without_request.get(), 1u);
}

TEST(FastcgiSession, AHeadThatIsTooLongGivesWhatCameOfIt) {
  Pairs many = get("/a");
  many.emplace_back("HTTP_COOKIE", std::string(30000, 'c'));
  Story s;
  const std::string long_head = head(1, many);
  s.ask(long_head.substr(0, 16384));
  s.ask_unseen(long_head.size() - 16384 + 8);
  s.answer(kOk + end(1));
  EXPECT_EQ(s.told, "/a 200");
  EXPECT_TRUE(std::get<HttpExchange>(s.last.detail).request.truncated);
  EXPECT_EQ(s.counters.heads_truncated.get(), 1u);
}

TEST(FastcgiSession, TheEndOfAConnectionEndsItsExchange) {
  const std::string one = head(1, get("/a")) + no_body(1);
  const auto end_of = [&](auto answer, Session::End end) {
    Story s;
    s.ask(one);
    answer(s);
    s.close(end, true);
    return s.told;
  };
  EXPECT_EQ(end_of([](Story&) {}, Session::End::Reset), "/a 0 unanswered");
  EXPECT_EQ(end_of([](Story& s) { s.answer(output(1, "\r\nbody")); }, Session::End::Normal), "/a 200 cut");
  EXPECT_EQ(end_of([](Story& s) { s.answer_copied(output(1, "\r\n" + std::string(9000, 'z')) + end(1), 50); }, Session::End::Normal),
            "/a 200 unconfirmed");
  EXPECT_EQ(end_of([](Story& s) { s.answer_unseen(9); }, Session::End::Normal), "");  // dropped
}

TEST(FastcgiSession, ExpiryEndsWhatNobodyElseWill) {
  Story s;
  s.ask(head(1, get("/a")) + no_body(1));
  s.answer_copied(output(1, "\r\n" + std::string(9000, 'z')) + end(1), 50);
  s.session.expire(UINT64_MAX, s);
  EXPECT_EQ(s.told, "/a 200 unconfirmed");
  EXPECT_FALSE(s.session.may_expire());
}

}  // namespace
}  // namespace suture::fastcgi

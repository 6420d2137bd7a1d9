// However the stream is cut into pieces, the same exchanges come out; and what each byte of a piece is.
#include <gtest/gtest.h>

#include <algorithm>

#include "dialogue.h"
#include "wire/limits.h"

namespace suture::http1 {
namespace {

struct Line {
  bool client;
  std::string text;
};

const std::vector<Line>& story() {
  static const std::vector<Line> lines = {
      {true, get("/a")},
      {false, ok(12)},
      {true, "POST /b HTTP/1.1\r\nContent-Length: 25\r\n\r\nGET /xyz HTTP/1.1\r\na:\r\n\r\n"},
      {false, std::string(kChunkedHead) + "5;x=y\r\nabcde\r\n10\r\n0123456789abcdef\r\n0\r\nT: u\r\n\r\n"},
      {true, "PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwxyz\r\n0\r\n\r\n"},
      {false, "HTTP/1.1 100 Continue\r\n\r\n"},
      {false, std::string(kNoContent)},
      {true, "HEAD /d HTTP/1.1\r\n\r\n"},
      {false, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"},
      {true, "\r\n" + get("/e") + get("/f") + get("/g")},
      {false, ok(3) + std::string(kOk) + "HTTP/1.0 404 Not Found\r\n\r\nuntil the end"},
  };
  return lines;
}

std::string told(const Dialogue& d) {
  std::string text;
  for (const Exchange& exchange : d.exchanges) {
    text += std::to_string(exchange.request.begin_pos) + "+" + std::to_string(exchange.response.begin_pos) + " " +
            Dialogue::describe(exchange);
  }
  return text;
}

constexpr std::string_view kTold =
    "0+0 GET /a 200\n28+51 POST /b 200\n93+170 PUT /c 204\n154+197 HEAD /d 200\n176+236 GET /e 200\n"
    "204+277 GET /f 200\n232+315 GET /g 404\n";

Dialogue::Peer& peer(Dialogue& d, const Line& line) { return line.client ? d.client : d.server; }

TEST(Http1Piece, TheStoryInWholeMessages) {
  Dialogue d;
  for (const Line& line : story()) peer(d, line).send(line.text);
  d.close();
  EXPECT_EQ(told(d), kTold);
}

TEST(Http1Piece, EverySplitPointGivesTheSameExchanges) {
  for (std::size_t which = 0; which < story().size(); ++which) {
    for (std::size_t at = 1; at < story()[which].text.size(); ++at) {
      Dialogue d;
      for (std::size_t i = 0; i < story().size(); ++i) {
        const std::string& text = story()[i].text;
        if (i != which) {
          peer(d, story()[i]).send(text);
          continue;
        }
        peer(d, story()[i]).send(text.substr(0, at));
        peer(d, story()[i]).send_as(BytesKind::Continue, text.substr(at));
      }
      d.close();
      ASSERT_EQ(told(d), kTold) << "message " << which << " cut at " << at;
    }
  }
}

TEST(Http1Piece, ByteByByteGivesTheSameExchanges) {
  Dialogue d;
  for (const Line& line : story()) {
    for (const char& c : line.text) peer(d, line).send_as(BytesKind::Start, {&c, 1});
  }
  d.close();
  EXPECT_EQ(told(d), kTold);
  EXPECT_EQ(d.counters.holes.get(), 0u);
}

// Bodies of known length may pass unseen from any byte on, in the call of the head or in later ones.
TEST(Http1Piece, BodiesMayPassUncopiedFromAnyByteOn) {
  for (const auto observed : {Dialogue::Observed::Server, Dialogue::Observed::Client}) {
    const std::string request = "POST /b HTTP/1.1\r\nContent-Length: 60\r\n\r\n" + std::string(60, 'q');
    const std::string response = ok(60);
    for (std::size_t copied = 0; copied <= 60; ++copied) {
      for (const bool one_call : {true, false}) {
        Dialogue d(observed);
        for (int round = 0; round < 3; ++round) {
          for (Dialogue::Peer* from : {&d.client, &d.server}) {
            const std::string& text = from == &d.client ? request : response;
            const std::size_t seen = text.size() - 60 + copied;
            if (one_call) {
              from->send_copied(text, seen);
            } else {
              from->send(text.substr(0, seen));
              if (copied < 60) from->send_unseen(60 - copied);
            }
          }
        }
        d.sweep();
        ASSERT_EQ(d.seen(), "POST /b 200\nPOST /b 200\nPOST /b 200\n") << copied;
        ASSERT_EQ(d.counters.holes.get(), 0u);
      }
    }
  }
}

TEST(Http1Piece, ChunkedBodiesMayPassUncopiedFromAnyByteOn) {
  const std::string head(kChunkedHead);
  const std::string body = "5\r\nabcde\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n";
  constexpr std::string_view kTail = "\r\n0\r\n\r\n";
  for (std::size_t copied = 0; copied < body.size() - kTail.size(); ++copied) {
    Dialogue d;
    d.client.send(get("/a"));
    d.server.send(head + body.substr(0, copied));
    d.server.send_tail(body.size() - copied, kTail);
    d.sweep();
    d.client.send(get("/b"));
    d.server.send(kOk);
    ASSERT_EQ(d.seen(), "GET /a 200\nGET /b 200\n") << copied;
    ASSERT_EQ(d.counters.holes.get(), 0u);
  }
}

/// One letter for each byte: h head, b body, c chunk coding, u unknown.
std::string classes(const Session& session) {
  std::string text;
  for (const Segment& segment : session.segments()) {
    EXPECT_EQ(segment.offset, text.size());
    text.append(segment.length, "hbcu"[static_cast<int>(segment.kind)]);
  }
  return text;
}

TEST(Http1Piece, SegmentsSayWhatMayBeRecorded) {
  Dialogue d;
  d.session.keep_segments();
  const std::string request = get("/a");
  d.client.send(request);
  EXPECT_EQ(classes(d.session), std::string(request.size(), 'h'));
  d.server.send(ok(4));
  EXPECT_EQ(classes(d.session), std::string(ok(0).size(), 'h') + "bbbb");
  d.client.send_as(BytesKind::Start, "POST /c HTTP/1.1\r\nContent-Length: 9\r\n\r\nab");
  d.client.send_as(BytesKind::Start, "GET / x");
  EXPECT_EQ(classes(d.session), "bbbbbbb");
  d.server.send(std::string(kChunkedHead) + "2\r\nab\r\n");
  EXPECT_EQ(classes(d.session), std::string(kChunkedHead.size(), 'h') + "cccbbcc");
  d.server.send_unseen(100);
  d.server.send_tail(50, "secret\r\n0\r\n\r\n");
  EXPECT_EQ(classes(d.session), "bbbbbbccccccc");
  d.client.send("\x16garbage");
  EXPECT_EQ(classes(d.session), "uuuuuuuu");
}

TEST(Http1Piece, SegmentsOfARepeatedPartAreUnknown) {
  Dialogue d(Dialogue::Observed::Client);
  d.session.keep_segments();
  const std::string request = get("/a");
  d.client.send_partly(request, 5);
  d.client.send(request.substr(5) + "GET");
  EXPECT_EQ(classes(d.session), std::string(request.size() - 5, 'u') + "hhh");
}

TEST(Http1Piece, AnIdleConnectionIsSmall) {
  Dialogue d;
  for (const Line& line : story()) peer(d, line).send(line.text.substr(0, line.text.size() / 2));
  Dialogue idle;
  idle.client.send(get("/a").substr(0, 10));
  EXPECT_GT(idle.session.heap_bytes(), 0u);
  idle.client.send(get("/a").substr(10));
  idle.server.send(kOk);
  EXPECT_EQ(idle.session.heap_bytes(), 0u);
  EXPECT_LE(sizeof(Session), 300u);
}

TEST(Http1Piece, AHeadThatNeverEndsTakesNoMoreThanItsLimit) {
  Dialogue d;
  d.client.send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 3000; ++i) {
    d.client.send("a: 0123456789abcdef\r\n");
    ASSERT_LE(d.session.heap_bytes(), 3u * SUTURE_HEAD_MAX);
  }
  EXPECT_EQ(d.begun.size(), 1u);
}

}  // namespace
}  // namespace suture::http1

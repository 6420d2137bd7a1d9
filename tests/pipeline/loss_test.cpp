// The ring is full in any place: what comes out may be less than the truth, never something else.
#include <cerrno>
#include <map>
#include <ostream>

#include "wire.h"

namespace suture::test {
namespace {

struct Story {
  const char* name;
  void (*tell)(Wire& wire);
};

void PrintTo(const Story& story, std::ostream* out) { *out << story.name; }

const Story kStories[] = {
    {"keep-alive",
     [](Wire& wire) {
       Socket& client = wire.connect();
       for (const char* target : {"/a", "/b", "/c"}) {
         client.send(get(target));
         client.peer().send(target[1] == 'b' ? "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n" : kNoContent);
       }
       close(client);
     }},
    {"bodies",
     [](Wire& wire) {
       Socket& client = wire.connect();
       client.send("POST /a HTTP/1.1\r\nContent-Length: 3000\r\n\r\n" + std::string(3000, 'b'));
       client.peer().send(ok(5000));
       client.send(get("/b"));
       client.peer().send_in("HTTP/1.1 500 No\r\nContent-Length: 4000\r\n\r\n" + std::string(4000, 'b'), 1500, 700);
       client.send(get("/c"));
       client.peer().send(kNoContent);
       close(client.peer());
     }},
    {"chunked",
     [](Wire& wire) {
       Socket& client = wire.connect();
       client.send(get("/a"));
       client.peer().send(kChunkedHead + chunk(3000) + kLastChunk);
       wire.wait(300 * kMs, true);
       client.send(get("/b"));
       client.peer().send("HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(100));
       client.peer().send(chunk(3000));
       client.peer().send(chunk(3000) + kLastChunk);
       wire.wait(300 * kMs, true);
       client.send(get("/c"));
       client.peer().send(kNoContent);
       close(client);
     }},
    {"long heads",
     [](Wire& wire) {
       Socket& client = wire.connect();
       for (const char* target : {"/a", "/b"}) {
         client.send_in(get(target, "Cookie: " + std::string(6000, 'c') + "\r\n"), 5000, 3000);
         client.peer().send("HTTP/1.1 100 Continue\r\n\r\n");
         client.peer().send("HTTP/1.1 " + std::string(target[1] == 'a' ? "204" : "304") +
                            " x\r\nX: " + std::string(3000, 'x') + "\r\n\r\n");
       }
       close(client);
     }},
    {"pipelined",
     [](Wire& wire) {
       Socket& client = wire.connect();
       client.send(get("/a") + get("/b"));
       client.peer().send(ok(3));
       client.peer().send("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
       client.send(get("/c"));
       client.send(get("/d"));
       client.peer().send(kNoContent + "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
       close(client);
     }},
    {"shed",
     [](Wire& wire) {
       Socket& client = wire.connect();
       const auto shed = [&](bool on) {
         client.shed(on);
         client.peer().shed(on);
       };
       client.send(get("/a"));
       client.peer().send(ok(3));
       shed(true);
       client.send(get("/b"));
       client.peer().send(ok(5000));
       client.send(get("/c"));
       client.peer().send(kNoContent);
       shed(false);
       client.send(get("/d"));
       client.peer().send("HTTP/1.1 404 No\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'b'));
       shed(true);
       client.send(get("/e"));
       client.peer().send(kNoContent);
       shed(false);
       client.send(get("/f"));
       client.peer().send(kNoContent);
       close(client);
     }},
    {"reset",
     [](Wire& wire) {
       Socket& client = wire.connect();
       client.send(get("/a"));
       client.peer().send(kNoContent);
       client.send(get("/b"));
       client.gone(ECONNRESET);
       client.peer().gone(ECONNRESET);
     }},
};

/// Each span by its id: what it says, and its parent.
using Spans = std::map<std::string, std::pair<std::string, std::string>>;

Spans spans_of(const Story& story, bool at_entry, const std::set<std::size_t>& lost, std::size_t* records = nullptr) {
  Wire wire;
  wire.sends_at_entry = at_entry;
  wire.lost = lost;
  story.tell(wire);
  wire.wait(7000 * kMs, true);
  wire.pipeline.finish();
  Spans spans;
  for (const Span& span : wire.spans) {
    std::string title = Wire::title_of(span);
    if (const std::size_t at = title.find(" unconfirmed"); at != title.npos) title.resize(at);
    const bool fresh =
        spans.emplace(to_hex(span.span_id), std::pair{title, span.parent_id.valid() ? to_hex(span.parent_id) : ""})
            .second;
    EXPECT_TRUE(fresh) << title << " came twice";
  }
  if (records) *records = wire.records;
  return spans;
}

std::string text_of(const std::set<std::size_t>& lost) {
  std::string text;
  for (const std::size_t record : lost) text += " " + std::to_string(record);
  return text;
}

void expect_nothing_wrong(const Spans& truth, const Spans& seen, const std::string& when) {
  for (const auto& [id, span] : seen) {
    const auto real = truth.find(id);
    if (real == truth.end()) {
      ADD_FAILURE() << when << ": nobody sent " << span.first;
      continue;
    }
    EXPECT_EQ(span.first, real->second.first) << when;
    EXPECT_TRUE(span.second.empty() || span.second == real->second.second)
        << when << ": a wrong parent of " << span.first;
  }
}

class PipelineLoss : public ::testing::TestWithParam<std::tuple<Story, bool>> {};

TEST_P(PipelineLoss, NothingWrongIsEverExported) {
  const auto& [story, at_entry] = GetParam();
  std::size_t records = 0;
  const Spans truth = spans_of(story, at_entry, {}, &records);
  ASSERT_GE(truth.size(), 4u);
  for (std::size_t from = 0; from < records; ++from) {
    for (const std::size_t burst : {1u, 2u, 3u, 5u}) {
      std::set<std::size_t> lost;
      for (std::size_t i = from; i < from + burst; ++i) lost.insert(i);
      expect_nothing_wrong(truth, spans_of(story, at_entry, lost), "lost" + text_of(lost));
    }
    for (std::size_t second = from + 2; second < records; ++second)
      expect_nothing_wrong(truth, spans_of(story, at_entry, {from, second}), "lost" + text_of({from, second}));
    if (HasFailure()) return;  // one place says enough
  }
}

INSTANTIATE_TEST_SUITE_P(Stories, PipelineLoss, ::testing::Combine(::testing::ValuesIn(kStories), ::testing::Bool()),
                         [](const auto& info) {
                           std::string name = std::get<0>(info.param).name;
                           for (char& c : name)
                             if (c == ' ' || c == '-') c = '_';
                           return name + (std::get<1>(info.param) ? "_at_entry" : "_after");
                         });

TEST(PipelineLoss, APrecedingLossDoesNotSilenceAConnection) {
  Wire wire;
  Socket& client = wire.connect();
  client.peer().unobserved();
  client.send(get("/a"));
  wire.lost = {wire.records};
  client.peer().send(kNoContent);
  for (const char* target : {"/b", "/c"}) {
    client.send(get(target));
    client.peer().send(kNoContent);
  }
  EXPECT_EQ(wire.settled(), "client GET /b 204 root\nclient GET /c 204 root\n");
  EXPECT_EQ(wire.pipeline.http_counters().dropped_hole.get(), 1u);
}

}  // namespace
}  // namespace suture::test

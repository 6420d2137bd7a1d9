// What stays of a head and what is blanked, whole and cut at every byte.
#include "recording/head_redactor.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace suture {
namespace {

std::string redact(std::string_view head, std::vector<std::size_t> cuts = {}) {
  HeadRedactor redactor;
  redactor.begin();
  std::string out(head);
  std::size_t begin = 0;
  cuts.push_back(head.size());
  for (std::size_t end : cuts) {
    redactor.redact(std::span(out).subspan(begin, end - begin));
    begin = end;
  }
  return out;
}

const struct {
  const char *head, *left;
} kRows[] = {
    // Start lines.
    {"GET /a/b HTTP/1.1\r\n\r\n", "GET /a/b HTTP/1.1\r\n\r\n"},
    {"GET /a?key=secret&flag&b= HTTP/1.1\r\n\r\n", "GET /a?key=xxxxxx&xxxx&b= HTTP/1.1\r\n\r\n"},
    {"GET /a?secret HTTP/1.1\r\n\r\n", "GET /a?xxxxxx HTTP/1.1\r\n\r\n"},
    {"GET /a?&&k=v=w&=s HTTP/1.0\r\n\r\n", "GET /a?&&k=xxx&=x HTTP/1.0\r\n\r\n"},
    {"GET /a?k=v?w#f HTTP/1.1\r\n\r\n", "GET /a?k=xxxxx HTTP/1.1\r\n\r\n"},
    {"OPTIONS * HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/1.1\r\n\r\n"},
    {"CONNECT host:443 HTTP/1.1\r\n\r\n", "CONNECT host:443 HTTP/1.1\r\n\r\n"},
    {"CONNECT me:pw@host:443 HTTP/1.1\r\n\r\n", "CONNECT xxxxx@host:443 HTTP/1.1\r\n\r\n"},
    {"GET http://host/a?k=v HTTP/1.1\r\n\r\n", "GET http://host/a?k=x HTTP/1.1\r\n\r\n"},
    {"GET http://me:pw@host/a@b HTTP/1.1\r\n\r\n", "GET http://xxxxx@host/a@b HTTP/1.1\r\n\r\n"},
    {"GET http://me:p@w@host HTTP/1.1\r\n\r\n", "GET http://xxxxxx@host HTTP/1.1\r\n\r\n"},
    {"GET http:///me:pw@host HTTP/1.1\r\n\r\n", "GET http:///xxxxx@host HTTP/1.1\r\n\r\n"},
    {"GET http://host?k=v HTTP/1.1\r\n\r\n", "GET http://host?k=x HTTP/1.1\r\n\r\n"},
    {"GET ?k=v HTTP/1.1\r\n\r\n", "GET ?k=x HTTP/1.1\r\n\r\n"},
    {"GET /a b?k=secret HTTP/1.1\r\n\r\n", "GET /a xxxxxxxxxxxxxxxxxxx\r\n\r\n"},
    {"GET /a HTTP/1.1 secret\r\n\r\n", "GET /a HTTP/1.1xxxxxxx\r\n\r\n"},
    {"HTTP/1.1 404 Not Found\r\n\r\n", "HTTP/1.1 404 Not Found\r\n\r\n"},
    {"a-method-longer-than-any-there-is secret\r\n\r\n", "a-method-longer-than-anyxxxxxxxxxxxxxxxx\r\n\r\n"},
    {"\r\n\r\nGET / HTTP/1.1\r\n\r\n", "\r\n\r\nGET / HTTP/1.1\r\n\r\n"},
    {"GET /?k=s HTTP/1.1\nA: s\n\n", "GET /?k=x HTTP/1.1\nA: x\n\n"},
    // Fields.
    {"X / \r\nAuthorization: Bearer s\r\n\r\n", "X / \r\nAuthorization: xxxxxxxx\r\n\r\n"},
    {"X / \r\nCookie:a=b\r\nHost: h:1\r\n\r\n", "X / \r\nCookie:xxx\r\nHost: h:1\r\n\r\n"},
    {"X / \r\nTraceParent: 00-a-b-01\r\nTRACESTATE: a=b\r\n\r\n",
     "X / \r\nTraceParent: 00-a-b-01\r\nTRACESTATE: a=b\r\n\r\n"},
    {"X / \r\nb3: 1\r\nX-B3-TraceId: 2\r\nuber-trace-id: 3\r\n\r\n",
     "X / \r\nb3: 1\r\nX-B3-TraceId: 2\r\nuber-trace-id: 3\r\n\r\n"},
    {"X / \r\nX-Amzn-Trace-Id: 1\r\nx-datadog-sampling-priority: 2\r\n\r\n",
     "X / \r\nX-Amzn-Trace-Id: 1\r\nx-datadog-sampling-priority: 2\r\n\r\n"},
    {"X / \r\nbaggage: a=b\r\n\r\n", "X / \r\nbaggage: xxx\r\n\r\n"},
    {"X / \r\nContent-Length : 5\r\nTransfer-Encoding:\tchunked\r\n\r\n",
     "X / \r\nContent-Length : 5\r\nTransfer-Encoding:\tchunked\r\n\r\n"},
    {"X / \r\nconnection: close\r\nupgrade: h2c\r\nexpect: 100-continue\r\ntrailer: t\r\n\r\n",
     "X / \r\nconnection: close\r\nupgrade: h2c\r\nexpect: 100-continue\r\ntrailer: t\r\n\r\n"},
    {"X / \r\nHost: h\r\n secret\r\n\r\n", "X / \r\nHost: h\r\nxxxxxxx\r\n\r\n"},
    {"X / \r\nHost: h\rsecret\r\n\r\n", "X / \r\nHost: h\rxxxxxx\r\n\r\n"},
    {"X / \r\nhosts: s\r\nhos: s\r\n\r\n", "X / \r\nhosts: x\r\nhos: x\r\n\r\n"},
    {"X / \r\nsecret without colon\r\n\r\n", "X / \r\nxxxxxxxxxxxxxxxxxxxx\r\n\r\n"},
    {"X / \r\nA secret: b\r\n\r\n", "X / \r\nA xxxxxxxxx\r\n\r\n"},
    {"X / \r\nA: \r\n\r\n", "X / \r\nA: \r\n\r\n"},
    // One head behind another; trailers.
    {"X /?k=s \r\nA: s\r\n\r\nY /?k=s \r\nHost: h\r\n\r\n", "X /?k=x \r\nA: x\r\n\r\nY /?k=x \r\nHost: h\r\n\r\n"},
    {"X-Signature: s\r\nA: s\r\n\r\n", "X-Signature: x\r\nA: x\r\n\r\n"},
};

TEST(HeadRedactor, BlanksWhatIsPrivateAndKeepsWhatFrames) {
  for (const auto& row : kRows) EXPECT_EQ(redact(row.head), row.left);
}

/// Whether a cut may make this byte differ. In start lines the names of parameters, and targets that are no path, may
/// be blanked; of a line without a colon, the first word may stay as long as a colon may still come.
bool may_differ(std::string_view head, std::size_t i, char left_by_cut) {
  const std::size_t begin = i == 0 ? 0 : head.rfind('\n', i - 1) + 1;  // npos + 1 is 0
  const std::string_view before = head.substr(0, begin), line = head.substr(begin, head.find('\n', begin) - begin);
  const std::string_view word = line.substr(0, line.find(' '));
  const bool start_line = before.find_first_not_of("\r\n") == before.npos || before.ends_with("\r\n\r\n");
  if (!start_line) return line.find(':') == line.npos && i - begin <= word.size() && left_by_cut == head[i];
  const bool in_target = i - begin > word.size();
  const bool in_query = line.substr(0, i - begin).find('?') != line.npos;
  return left_by_cut == 'x' && in_target && (in_query || line[word.size() + 1] != '/');
}

TEST(HeadRedactor, MakesNoDifferenceOfACutButWhereItCannotTellYet) {
  for (const auto& row : kRows) {
    const std::string_view left = row.left;
    for (std::size_t cut = 0; cut <= left.size(); ++cut) {
      const std::string out = redact(row.head, {cut});
      for (std::size_t i = 0; i < left.size(); ++i) {
        const bool allowed = out[i] == left[i] || may_differ(row.head, i, out[i]);
        EXPECT_TRUE(allowed) << "cut " << cut << " byte " << i << "\n" << out << left;
      }
    }
  }
}

TEST(HeadRedactor, NeverLetsASecretPassHoweverTheHeadIsCut) {
  const std::string head =
      "GET http://SECRET:SECRET@host/p?SECRET&a=SECRET HTTP/1.1\r\nHost: h\r\nCookie: SECRET\r\n SECRET\r\n"
      "Authorization : SECRET SECRET:SECRET\r\n\r\n"
      "POST /p?a=SECRET&SECRET HTTP/1.1\r\nX-Api-Key:SECRET\r\nContent-Length: 1\r\n\r\n";
  // Runs of the secret's letters at least this long count as a leak: 'S', 'E' and so on stand in names as well.
  constexpr std::size_t kRun = 3;
  for (std::size_t a = 0; a <= head.size(); ++a) {
    for (std::size_t b = a; b <= std::min(a + 12, head.size()); ++b) {
      const std::string out = redact(head, {a, b});
      for (std::size_t i = 0; i + kRun <= std::string_view("SECRET").size(); ++i)
        ASSERT_EQ(out.find(std::string_view("SECRET").substr(i, kRun)), std::string::npos) << a << " " << b << "\n"
                                                                                           << out;
    }
  }
}

TEST(HeadRedactor, BlanksAllUntilABeginningIsKnown) {
  HeadRedactor redactor;
  std::string bytes = "secret\r\nGET / HTTP/1.1\r\n";
  redactor.redact(bytes);
  EXPECT_EQ(bytes, "xxxxxx\r\nxxxxxxxxxxxxxx\r\n");
}

}  // namespace
}  // namespace suture

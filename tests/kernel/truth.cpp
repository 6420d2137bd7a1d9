#include "truth.h"

#include <gtest/gtest.h>

#include <set>

namespace suture::kernel_test {
namespace {

std::string padded(const std::string& first_line, std::size_t size) {
  const std::string begin = first_line + "\r\nX-Pad: ";
  std::string head = begin;
  for (std::size_t i = 0; head.size() + 4 < size; ++i) head += static_cast<char>('a' + i % 23);
  return head + "\r\n\r\n";
}

/// The first difference, in words: a head of 16 KiB is no help on a screen.
::testing::AssertionResult same(const std::string& shown, const std::string& sent) {
  if (shown == sent) return ::testing::AssertionSuccess();
  std::size_t at = 0;
  while (at < shown.size() && at < sent.size() && shown[at] == sent[at]) ++at;
  return ::testing::AssertionFailure() << "differs at byte " << at << " of " << sent.size() << ": '" << sent.substr(at, 40) << "' was sent, '"
                                       << shown.substr(at, 40) << "' is shown";
}

}  // namespace

std::string request_head(std::size_t size) { return padded("GET /a HTTP/1.1", size); }
std::string response_head(std::size_t size) { return padded("HTTP/1.1 200 OK", size); }

std::string text_of(const std::vector<Message>& messages) {
  std::string text;
  for (const Message& message : messages) text += message.head + message.body;
  return text;
}

void expect_heads(const End* end, event_direction direction, const std::vector<Message>& sent) {
  ASSERT_NE(end, nullptr) << "no such connection";
  ASSERT_FALSE(end->reports.empty());
  EXPECT_EQ(end->data_before_open, 0u);
  const event_connection& open = end->reports.front();
  ASSERT_EQ(open.what, CONNECTION_OPEN);
  ASSERT_TRUE(open.have_isn);
  const std::uint32_t first = (direction == DIRECTION_SEND ? open.isn_own : open.isn_peer) + 1;
  const std::string text = text_of(sent);
  std::string shown(text.size(), '\0');
  std::set<std::size_t> starts;
  bool tiny_first = false;
  for (const Data& data : end->data) {
    if (data.direction != direction) continue;
    const std::size_t at = data.seq - first;
    ASSERT_LE(at + data.bytes.size(), text.size()) << "bytes that nobody sent, at " << static_cast<std::int32_t>(at);
    ASSERT_TRUE(same(data.bytes, text.substr(at, data.bytes.size()))) << "at " << at;
    EXPECT_GE(data.call_bytes, data.bytes.size());
    if (data.kind == DATA_TAIL) continue;
    if (data.kind == DATA_START) starts.insert(at);
    else if (at == 0 && data.bytes.size() < 12) tiny_first = true;
    shown.replace(at, data.bytes.size(), data.bytes);
  }
  std::size_t at = 0;
  std::set<std::size_t> heads;
  for (const Message& message : sent) {
    ASSERT_TRUE(same(shown.substr(at, message.head.size()), message.head)) << "head at " << at << " of " << text.size();
    heads.insert(at);
    at += message.head.size() + message.body.size();
  }
  // In tiny pieces of a pipelined connection only their order tells.
  if (tiny_first) return;
  EXPECT_EQ(starts.count(0), 1u) << "the first message";
  for (std::size_t start : starts) EXPECT_EQ(heads.count(start), 1u) << "a start that is none, at " << start;
}

void expect_exchange(const Events& events, const std::vector<Message>& requests, const std::vector<Message>& responses) {
  const struct {
    connection_role role;
    event_direction direction;
    const std::vector<Message>& sent;
    const char* what;
  } sides[] = {
      {ROLE_CLIENT, DIRECTION_SEND, requests, "request, written"},
      {ROLE_SERVER, DIRECTION_RECEIVE, requests, "request, read"},
      {ROLE_SERVER, DIRECTION_SEND, responses, "response, written"},
      {ROLE_CLIENT, DIRECTION_RECEIVE, responses, "response, read"},
  };
  for (const auto& side : sides) {
    SCOPED_TRACE(side.what);
    expect_heads(events.end_of(side.role), side.direction, side.sent);
  }
}

}  // namespace suture::kernel_test

#pragma once
// Conversation: invents an HTTP/1 conversation of which the truth is known, shows a Session what the capture would show
// of it (heads only, cut anywhere, some events lost), and checks what comes out against the truth.
// Decisions come from a Dice, so that a random generator and a fuzzer can both drive it.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/http1/session.h"

namespace suture::http1 {

class Dice {
 public:
  explicit Dice(std::uint32_t seed) : random_(seed) {}
  explicit Dice(std::span<const std::uint8_t> bytes) : bytes_(bytes), scripted_(true) {}

  /// 0 to sides - 1.
  std::uint32_t roll(std::uint32_t sides) {
    if (!scripted_) return static_cast<std::uint32_t>(random_()) % sides;
    if (bytes_.empty()) return 0;
    std::uint32_t value = bytes_[0];
    bytes_ = bytes_.subspan(1);
    if (sides > 256 && !bytes_.empty()) {
      value = value << 8 | bytes_[0];
      bytes_ = bytes_.subspan(1);
    }
    return value % sides;
  }
  bool one_in(std::uint32_t sides) { return roll(sides) == sides - 1; }

 private:
  std::mt19937 random_;
  std::span<const std::uint8_t> bytes_;
  bool scripted_ = false;
};

class Conversation : public ExchangeSink {
 public:
  struct Plan {
    bool server = true;      // which end is observed
    bool pipelined = false;
    bool lossy = false;
    std::uint32_t messages = 8;
  };

  /// What went wrong; empty if nothing did.
  static std::string hold(Dice& dice, const Plan& plan, ExchangeCounters& counters) {
    Conversation conversation(dice, plan, counters);
    conversation.run();
    return conversation.failure_;
  }

  void on_request(std::uint64_t, Direction, const Message& request, const HttpRequest&) override {
    if (!begun_.insert(request.begin_pos).second) fail("a request began twice");
  }
  void on_exchange(Exchange&& exchange) override {
    const std::uint64_t pos = exchange.request.begin_pos;
    const auto truth = truth_.find(pos);
    if (!done_.insert(pos).second) fail("an exchange came twice");
    if (truth == truth_.end()) return fail("an exchange nobody had");
    const auto& http = std::get<HttpExchange>(exchange.detail);
    if (http.response.status == 0) return;
    if (exchange.response.begin_pos != truth->second.answer_pos) return fail("a wrong pair");
    if (http.response.status != truth->second.status) return fail("a wrong status");
  }

 private:
  struct Truth {
    std::uint64_t answer_pos;
    std::uint16_t status;
  };
  struct Text {
    std::string bytes;
    std::size_t head = 0;     // length of the head
    bool chunked = false;
  };
  struct Stream {
    std::uint64_t pos = 0;
    std::uint64_t last_ns = 0;
  };

  Conversation(Dice& dice, const Plan& plan, ExchangeCounters& counters)
      : dice_(dice), plan_(plan), counters_(counters), session_(1, counters) {}

  void fail(const std::string& why) {
    if (failure_.empty()) failure_ = why;
  }

  std::string body(std::size_t size) {
    std::string text;
    // Loss and a body that looks like a message, together, are beyond what anyone could tell.
    if (!plan_.lossy && dice_.one_in(4)) {
      text = dice_.one_in(2) ? "GET /no HTTP/1.1\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\n";
    }
    text.resize(size, 'z');
    return text;
  }

  void add_body(Text& text, bool may_chunk) {
    const std::size_t size = dice_.one_in(3) ? dice_.roll(3000) : dice_.roll(60);
    if (may_chunk && dice_.one_in(3)) {
      text.bytes += "Transfer-Encoding: chunked\r\n\r\n";
      text.head = text.bytes.size();
      text.chunked = true;
      for (std::uint32_t chunks = dice_.roll(4); chunks > 0; --chunks) {
        char line[24];
        const std::size_t length = size + 1;
        text.bytes.append(line, static_cast<std::size_t>(std::snprintf(line, sizeof line, "%zx\r\n", length)));
        text.bytes += std::string(length, 'z') + "\r\n";
      }
      text.bytes += "0\r\n\r\n";
      return;
    }
    text.bytes += "Content-Length: " + std::to_string(size) + "\r\n\r\n";
    text.head = text.bytes.size();
    text.bytes += body(size);
  }

  Text request(std::uint32_t number, bool& to_head) {
    Text text;
    to_head = false;
    const std::string line = " /" + std::to_string(number) + " HTTP/1.1\r\n";
    switch (dice_.roll(4)) {
      case 0: text.bytes = "POST" + line; add_body(text, true); break;
      case 1: to_head = true; text.bytes = "HEAD" + line + "\r\n"; break;
      default: text.bytes = "GET" + line + "Cookie: " + std::string(dice_.roll(400), 'c') + "\r\n\r\n"; break;
    }
    if (text.head == 0) text.head = text.bytes.size();
    return text;
  }

  Text response(std::uint16_t status, bool to_head) {
    Text text;
    text.bytes = "HTTP/1.1 " + std::to_string(status) + " x\r\n";
    if (to_head || status == 204) {
      text.bytes += "\r\n";
      text.head = text.bytes.size();
    } else {
      add_body(text, true);
    }
    return text;
  }

  void progress() {
    for (const Direction d : {Direction::Receive, Direction::Send}) {
      session_.progress(d, stream(d).pos, stream(d).last_ns, *this);
    }
  }
  Stream& stream(Direction d) { return streams_[static_cast<std::size_t>(d)]; }

  /// One socket call that moves `bytes`. `copied` of them are shown, from `skipped` on; none: no event.
  void call(Direction d, BytesKind kind, std::string_view bytes, std::size_t skipped, std::size_t copied) {
    now_ns_ += 10;
    Stream& s = stream(d);
    const Operation operation{now_ns_, 0, ProcessKey{1, 1}, 1};
    const bool lost = plan_.lossy && may_lose_ && dice_.one_in(16);
    if (copied > 0 && !lost) {
      progress();
      const auto shown_bytes = std::as_bytes(std::span(bytes.data() + skipped, copied));
      session_.bytes(d, kind, s.pos + skipped, shown_bytes, operation, *this);
      const bool certain = d == Direction::Receive;
      if (skipped + copied < bytes.size()) session_.uncopied(d, s.pos + bytes.size(), certain, operation, *this);
      if (!certain && dice_.one_in(8) && !bytes.empty()) {  // the send moved only a part; the rest is sent again
        const std::size_t part = dice_.roll(static_cast<std::uint32_t>(bytes.size()));
        s.pos += part;
        s.last_ns = now_ns_;
        if (dice_.one_in(2)) progress();
        const bool again = part == 0;
        const std::string_view rest = bytes.substr(part);
        now_ns_ += 10;
        progress();
        const std::size_t shown = skipped + copied > part ? skipped + copied - part : 0;
        const std::size_t from = skipped > part ? skipped - part : 0;
        if (shown > from) {
          session_.bytes(d, again ? kind : BytesKind::Continue, s.pos + from,
                         std::as_bytes(std::span(rest.data() + from, shown - from)), operation, *this);
        }
        s.pos += rest.size();
        s.last_ns = now_ns_;
        return;
      }
    }
    s.pos += bytes.size();
    s.last_ns = now_ns_;
    if (dice_.one_in(6)) progress();
  }

  /// Sends a message as the capture copies it from a connection that is not pipelined: heads, and at times more.
  void say(Direction d, const Text& text) {
    std::size_t at = 0;
    while (at < text.bytes.size()) {
      const auto left = static_cast<std::uint32_t>(text.bytes.size() - at);
      const std::size_t size = dice_.one_in(3) ? 1 + dice_.roll(left) : left;
      const std::string_view bytes = std::string_view(text.bytes).substr(at, size);
      if (at < text.head) {
        const std::size_t head_left = std::min(size, text.head - at);
        const std::size_t more = size - head_left;
        const std::size_t body_copied = more == 0 ? 0 : dice_.roll(static_cast<std::uint32_t>(more + 1));
        call(d, at == 0 ? BytesKind::Start : BytesKind::Continue, bytes, 0, head_left + body_copied);
      } else if (bytes.ends_with("\r\n0\r\n\r\n")) {
        call(d, BytesKind::Tail, bytes, size - 7, 7);
      } else if (bytes == "0\r\n\r\n") {
        call(d, BytesKind::Tail, bytes, 0, 5);
      } else if (bytes.starts_with("GET /") || bytes.starts_with("HTTP/1.1 ")) {
        call(d, BytesKind::Start, bytes, 0, bytes.size());
      } else {
        call(d, BytesKind::Continue, bytes, 0, 0);
      }
      at += size;
    }
  }

  /// Sends several messages, copied whole, in calls that end anywhere.
  void say_together(Direction d, const std::vector<Text>& texts) {
    std::string all;
    std::set<std::size_t> starts;
    for (const Text& text : texts) {
      starts.insert(all.size());
      all += text.bytes;
    }
    std::size_t at = 0;
    while (at < all.size()) {
      const auto left = static_cast<std::uint32_t>(all.size() - at);
      const std::size_t size = dice_.one_in(2) ? 1 + dice_.roll(left) : left;
      const BytesKind kind = starts.contains(at) ? BytesKind::Start : BytesKind::Continue;
      call(d, kind, std::string_view(all).substr(at, size), 0, size);
      at += size;
    }
  }

  void run() {
    const Direction ask = plan_.server ? Direction::Receive : Direction::Send;
    const Direction answer = opposite(ask);
    std::uint32_t number = 0;
    while (number < plan_.messages && failure_.empty()) {
      const std::uint32_t batch = plan_.pipelined ? (number == 0 ? 2 : 1 + dice_.roll(6)) : 1;
      // That the client pipelines must have been seen before the first loss: nothing else could tell.
      may_lose_ = !plan_.pipelined || number > 0;
      std::vector<Text> requests, responses;
      std::uint64_t ask_pos = stream(ask).pos, answer_pos = stream(answer).pos;
      for (std::uint32_t i = 0; i < batch; ++i, ++number) {
        bool to_head = false;
        const auto status = static_cast<std::uint16_t>(dice_.one_in(5) ? 204 : 200 + number % 4);
        requests.push_back(request(number, to_head));
        if (dice_.one_in(8)) {
          Text hints;
          hints.bytes = "HTTP/1.1 103 Early Hints\r\n\r\n";
          hints.head = hints.bytes.size();
          answer_pos += hints.bytes.size();
          responses.push_back(hints);
        }
        responses.push_back(response(status, to_head));
        truth_[ask_pos] = {answer_pos, status};
        ask_pos += requests.back().bytes.size();
        answer_pos += responses.back().bytes.size();
      }
      if (plan_.pipelined) {
        say_together(ask, requests);
        say_together(answer, responses);
      } else {
        say(ask, requests[0]);
        for (const Text& text : responses) say(answer, text);
      }
      if (session_.heap_bytes() > 4u << 20) fail("too much memory");
    }
    progress();
    session_.closed(Session::End::Normal, true, now_ns_ + 10, *this);
    if (session_.outstanding() != 0) fail("something outlived its connection");
    if (counters_.requests.get() != counters_.exchanges.get() + counters_.dropped()) fail("the ledger does not hold");
    if (!plan_.lossy && done_.size() != truth_.size()) fail("an exchange is missing");
    if (!plan_.lossy && counters_.holes.get() + counters_.heads_invalid.get() > 0) fail("a hole where none was");
  }

  Dice& dice_;
  Plan plan_;
  ExchangeCounters& counters_;
  Session session_;
  Stream streams_[2];
  std::uint64_t now_ns_ = 1000;
  bool may_lose_ = true;
  std::map<std::uint64_t, Truth> truth_;  // by position of the request
  std::set<std::uint64_t> begun_, done_;
  std::string failure_;
};

}  // namespace suture::http1

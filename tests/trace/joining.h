#pragma once
// Joining: tells a Joiner of exchanges, client("GET /a") and server("GET /a") being the two ends of one, and says what
// came out as text: "server GET /a under client /a". After every step the ledger of spans must hold.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "http_builder.h"
#include "trace/joiner.h"

namespace suture::test {

inline constexpr IdKey kIdKey{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
/// Not sampled: no SDK reports what it carries.
inline constexpr std::string_view kTraceparent =
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00\r\n";
inline constexpr std::uint64_t kMs = 1'000'000;

/// "client GET /a"
inline std::string title_of(const Span& span) {
  const auto text = [&](AttributeKey key) {
    const auto* entry = span.attributes.find(key);
    return entry ? std::string(span.attributes.text(*entry)) : std::string();
  };
  std::string path = text(AttributeKey::UrlPath);
  if (const std::string full = text(AttributeKey::UrlFull); !full.empty())
    path = full.substr(full.find('/', full.find("//") + 2));
  return (span.kind == SpanKind::Server ? "server " : "client ") + text(AttributeKey::HttpRequestMethod) + " " + path;
}

/// Where a span hangs, as far as `all` tell: "root", "under client GET /a", "under remote", or "DANGLING".
inline std::string parent_of(const Span& span, const std::vector<Span>& all) {
  if (!span.parent_id.valid()) return span.parent_is_remote ? "root CALLED REMOTE" : "root";
  for (const Span& other : all) {
    if (other.span_id != span.parent_id) continue;
    return "under " + title_of(other) + (other.trace_id == span.trace_id ? "" : " OF ANOTHER TRACE") +
           (span.parent_is_remote ? " CALLED REMOTE" : "");
  }
  return span.parent_is_remote ? "under remote" : "DANGLING";
}

class Joining : public SpanReceiver {
 public:
  /// One end's view of one exchange.
  class Half {
   public:
    Half(Joining& joining, const ExchangePlace& place, Direction direction, std::string_view line,
         std::string_view fields, std::uint64_t position, Wanted wanted, bool linked = false)
        : joining_(joining), place_(place) {
      exchange_ =
          exchange_of(direction, std::string(line) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n", 204);
      exchange_.request.begin_pos = position;
      exchange_.request.process = direction == Direction::Send && !linked ? joining.client_process : joining.server_process;
      exchange_.request.begin_ns = joining.now_ns;
      const HttpRequest& head = std::get<HttpExchange>(exchange_.detail).request;
      trace_ = joining_.joiner.begin(place_, direction, exchange_.request, head, wanted, linked);
    }
    void end() {
      exchange_.response.begin_ns = exchange_.response.end_ns = joining_.now_ns;
      joining_.joiner.end(place_, std::move(trace_), std::move(exchange_), joining_.now_ns);
      joining_.check_ledger();
    }
    NodeId node() const { return trace_.node; }
    void abandon() {
      joining_.joiner.abandon(place_, trace_);
      joining_.check_ledger();
    }

   private:
    Joining& joining_;
    ExchangePlace place_;
    TracePlace trace_;
    Exchange exchange_;
  };

  explicit Joining(IdKey key = kIdKey) : joiner(key, ids_, http_, probes_, false, false, *this) {
    client_place.connection = 1;
    server_place.connection = 2;
    client_place.isn_own = server_place.isn_peer = 0xaaaa;
    client_place.isn_peer = server_place.isn_own = 0xbbbb;
    client_place.have_isn = server_place.have_isn = true;
    client_place.loopback_peer = server_place.loopback_peer = true;
  }

  Half client(std::string_view line, std::string_view fields = "", std::uint64_t position = 0,
              Wanted wanted = Wanted::Yes) {
    return Half(*this, client_place, Direction::Send, line, fields, position, wanted);
  }
  /// Sent by the process that serves, to a third one; link() or unlinked() of the joiner will tell why.
  Half onward(std::string_view line, std::string_view fields = "", std::uint64_t position = 0) {
    ExchangePlace place = client_place;
    place.connection = 3;
    place.isn_own = 0xcccc, place.isn_peer = 0xdddd;
    return Half(*this, place, Direction::Send, line, fields, position, Wanted::Yes, true);
  }
  /// Received from another host, on a connection of its own.
  Half remote(std::string_view line, std::string_view fields = "", std::uint64_t position = 0) {
    ExchangePlace place = server_place;
    place.connection = 4;
    place.isn_own = 0xeeee, place.isn_peer = 0xffff;
    place.loopback_peer = false;
    return Half(*this, place, Direction::Receive, line, fields, position, Wanted::Yes);
  }
  Half server(std::string_view line, std::string_view fields = "", std::uint64_t position = 0,
              Wanted wanted = Wanted::Yes) {
    return Half(*this, server_place, Direction::Receive, line, fields, position, wanted);
  }
  void wait(std::uint64_t ns) {
    now_ns += ns;
    joiner.tick(now_ns);
    check_ledger();
  }

  /// What came out since the last time, a line each.
  std::string seen() {
    std::string text;
    for (; told_ < spans.size(); ++told_) text += title_of(spans[told_]) + " " + parent_of(spans[told_], spans) + "\n";
    return text;
  }
  std::uint64_t dropped() const {
    const Joiner::Counters& c = joiner.counters();
    const Forest::Counters& f = joiner.forest_counters();
    return c.dropped_probe.get() + c.dropped_intake.get() + c.dropped_excluded.get() + f.dropped_outside.get() + f.dropped_sdk_client.get() +
           f.dropped_sdk_server.get();
  }
  void check_ledger() const { EXPECT_EQ(joiner.counters().made.get(), spans.size() + joiner.held() + dropped()); }

  void on_span(Span&& span) override { spans.push_back(std::move(span)); }

 private:
  SeededIdSource ids_{kIdKey};
  HttpSpanOptions http_;
  ProbeRules probes_;
  std::size_t told_ = 0;

 public:
  ExchangePlace client_place, server_place;
  ProcessKey client_process{1, 1}, server_process{2, 2};
  std::uint64_t now_ns = 1000 * kMs;
  std::vector<Span> spans;
  Joiner joiner;
};

}  // namespace suture::test

#pragma once
// Propagating: tells a Propagation what services do, in a line each:
//
//   Propagating p;
//   p.receives(kOrders, 1, "/orders/1", p.context("a", "1"));
//   p.sends(kOrders, 101, "stock:8080", {});
//   p.links(101, 1);
//   EXPECT_EQ(p.seen(), "orders GET /orders/{id} 1/0 stock:8080 dropped 1\n");

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "http_builder.h"
#include "propagation/propagation.h"

namespace suture::test {

inline constexpr ProcessKey kOrders{812, 1}, kCart{901, 2};

/// Ids whose last byte is `trace` and `parent`.
inline TraceContext context(std::uint8_t trace, std::uint8_t parent) {
  TraceContext context;
  context.trace_id.bytes[0] = 1;
  context.trace_id.bytes[15] = trace;
  context.parent.bytes[7] = parent;
  return context;
}

class Propagating {
 public:
  using Context = std::optional<TraceContext>;

  void receives(ProcessKey process, ExchangeId id, const std::string& path, const Context& carried) {
    propagation.on_received(process, id, request_of("GET " + path + " HTTP/1.1\r\nHost: here\r\n\r\n"), carried ? &*carried : nullptr);
  }
  void sends(ProcessKey process, ExchangeId id, const std::string& peer, const Context& carried) {
    propagation.on_sent(process, id, request_of("GET http://" + peer + "/x HTTP/1.1\r\n\r\n"), {}, carried ? &*carried : nullptr);
  }
  /// One request to /r comes with `came`, and because of it one is sent with `sent`.
  void handles(ProcessKey process, const Context& came, const Context& sent, const std::string& peer = "stock:8080", const std::string& path = "/r") {
    const ExchangeId in = next_++, out = next_++;
    receives(process, in, path, came);
    sends(process, out, peer, sent);
    propagation.on_link(out, in);
    propagation.on_over(process, in);
  }
  std::vector<PropagationRow> rows() const {
    return propagation.rows([this](const ProcessKey& process) { return names.at(process.tgid); });
  }
  /// A line for each row: service, route, received with/without, peer, and the counts that are not zero.
  std::string seen() const {
    std::string out;
    for (const PropagationRow& row : rows()) {
      out += fmt::format("{}{} {} {}/{} {}", row.service, row.pids.empty() ? " (ended)" : "", row.route.empty() ? "-" : row.route, row.received.with,
                         row.received.without, row.peer.empty() ? "-" : row.peer);
      for (std::size_t state = 0; state < kPropagationStates; ++state)
        if (row.sent.of[state] > 0) out += fmt::format(" {} {}", name_of(static_cast<PropagationState>(state)), row.sent.of[state]);
      out += '\n';
    }
    return out;
  }

  Propagation propagation;
  std::map<std::uint32_t, std::string> names{{812, "orders"}, {901, "cart"}};

 private:
  ExchangeId next_ = 1000;
};

}  // namespace suture::test

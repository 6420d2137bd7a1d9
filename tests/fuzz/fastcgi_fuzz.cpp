// Any pieces of a FastCGI connection at any positions: no crash, no read beyond the input, bounded memory, each exchange once, an exact
// ledger, and segments that cover each piece.
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "exchange_ledger.h"
#include "proto/fastcgi/session.h"

namespace {

using namespace suture;

class Ledger final : public ExchangeLedger {
 public:
  void on_request(std::uint64_t connection, Direction direction, const Message& request, const HttpRequest& http) override {
    ExchangeLedger::on_request(connection, direction, request, http);
    const auto inside = [&](Slice slice) { require(std::size_t{slice.offset} + slice.length <= http.head.size(), "a slice leaves the head"); };
    for (const Slice slice : {http.method, http.target, http.host, http.scheme, http.client, http.user_agent, http.traceparent}) inside(slice);
    require(http.head.size() <= 2 * 16384 + 8, "a head is too long");
  }
  void on_exchange(Exchange&& exchange) override {
    const auto& http = std::get<HttpExchange>(exchange.detail);
    require(http.response.status == 0 || exchange.response.begin_ns != 0, "a status was invented");
    ExchangeLedger::on_exchange(std::move(exchange));
  }
};

}  // namespace

/// Each step is two bytes, and what they say: bit 7 the direction, bits 5-6 what is done, bits 0-1 the kind; then a size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::span<const std::uint8_t> input(data, size);
  ExchangeCounters counters;
  Ledger ledger;
  fastcgi::Session session(1, counters);
  session.keep_segments();
  std::uint64_t pos[2] = {0, 0};
  std::uint64_t now_ns = 1;
  while (input.size() >= 2) {
    const std::uint8_t what = input[0], amount = input[1];
    input = input.subspan(2);
    const auto direction = static_cast<Direction>(what >> 7);
    std::uint64_t& at = pos[what >> 7];
    ++now_ns;
    if ((what & 0x60) == 0x60) {
      at += amount;
      session.progress(direction, at, now_ns, ledger);
    } else if ((what & 0x60) == 0x40) {
      if (amount == 0) session.closed(Session::End::Normal, false, now_ns, ledger);
      else if (amount == 1) session.closing(now_ns, ledger);
      else if (amount == 2) session.expire(now_ns, ledger);
      else at -= amount < at ? amount : at;
    } else {
      const auto piece = input.first(amount < input.size() ? amount : input.size());
      input = input.subspan(piece.size());
      session.bytes(direction, static_cast<BytesKind>((what & 3) % 3), at, std::as_bytes(piece), {now_ns, 0, ProcessKey{1, 1}, 1}, ledger);
      std::size_t covered = 0;
      for (const Segment& segment : session.segments()) {
        require(segment.offset == covered && segment.length > 0, "segments do not follow each other");
        covered += segment.length;
      }
      require(covered == piece.size(), "segments do not cover the piece");
      at += piece.size();
    }
    require(session.heap_bytes() <= 1u << 18, "too much memory");
    require(ledger.open() == session.outstanding(), "outstanding differs");
    require(counters.requests.get() == counters.exchanges.get() + counters.dropped() + session.outstanding(), "the ledger does not hold");
  }
  return 0;
}

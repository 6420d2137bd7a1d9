// Drives a Session in two ways, by the first byte: with an invented conversation whose truth is known (every pair must
// be right), and with any pieces at any positions (no crash, bounded memory, each exchange once, exact ledger).
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "../proto/http1/conversation.h"
#include "exchange_ledger.h"

namespace {

using namespace suture;
using namespace suture::http1;

class Ledger final : public ExchangeLedger {
 public:
  void on_request(std::uint64_t connection, Direction direction, const Message& request, const HttpRequest& head) override {
    ExchangeLedger::on_request(connection, direction, request, head);
    if (direction != direction_) least_ = 0;  // the role was learned anew
    direction_ = direction;
    require(request.begin_pos >= least_, "a request began before its predecessor");
    least_ = request.begin_pos;
    require(head.head.size() <= 16384, "a head is too long");
  }
  void on_exchange(Exchange&& exchange) override {
    const auto& http = std::get<HttpExchange>(exchange.detail);
    require((http.response.status == 0) == (exchange.response.begin_ns == 0), "a status was invented");
    ExchangeLedger::on_exchange(std::move(exchange));
  }

 private:
  std::uint64_t least_ = 0;
  Direction direction_ = Direction::Receive;
};

class Bytes {
 public:
  explicit Bytes(std::span<const std::uint8_t> bytes) : left_(bytes) {}
  bool empty() const { return left_.empty(); }
  std::uint8_t byte() {
    if (left_.empty()) return 0;
    const std::uint8_t value = left_[0];
    left_ = left_.subspan(1);
    return value;
  }
  std::uint64_t number() {
    const std::uint8_t kind = byte();
    std::uint64_t value = kind & 0x3f;
    for (int i = 0; i < (kind >> 6) * 2; ++i) value = value << 8 | byte();
    return value;
  }
  std::span<const std::uint8_t> take(std::size_t count) {
    const auto taken = left_.first(count < left_.size() ? count : left_.size());
    left_ = left_.subspan(taken.size());
    return taken;
  }

 private:
  std::span<const std::uint8_t> left_;
};

void any_pieces(Bytes input) {
  ExchangeCounters counters;
  Ledger ledger;
  http1::Session session(1, counters);
  session.keep_segments();
  std::uint64_t pos[2] = {0, 0};
  std::uint64_t now_ns = 1;
  while (!input.empty()) {
    const std::uint8_t what = input.byte();
    const auto direction = static_cast<Direction>(what >> 7);
    std::uint64_t& at = pos[what >> 7];
    const Operation operation{++now_ns, 0, ProcessKey{1, 1}, 1};
    switch (what & 7) {
      case 0: session.progress(direction, at + input.number(), now_ns, ledger); break;
      case 1: session.uncopied(direction, at += input.number(), (what & 8) != 0, operation, ledger); break;
      case 2: at += input.number(); break;
      case 3: at -= input.number(); break;
      case 4:
        switch (what >> 3 & 15) {
          case 0: session.closing(now_ns, ledger); break;
          case 1: session.closed(suture::Session::End::Normal, (what & 0x40) != 0, now_ns, ledger); break;
          case 2: session.closed(suture::Session::End::Reset, true, now_ns, ledger); break;
          default: session.expire(now_ns + 1, ledger); break;
        }
        break;
      default: {
        const auto data = input.take(input.number());
        const auto kind = static_cast<BytesKind>((what >> 3) % 3);
        session.bytes(direction, kind, at, std::as_bytes(data), operation, ledger);
        std::size_t covered = 0;
        for (const Segment& segment : session.segments()) {
          require(segment.offset == covered && segment.length > 0, "segments do not follow each other");
          covered += segment.length;
        }
        require(covered == data.size(), "segments do not cover the piece");
        at += data.size();
        break;
      }
    }
    require(session.heap_bytes() <= (4u << 20), "too much memory");
    require(ledger.open() == session.outstanding(), "outstanding differs");
    require(counters.requests.get() == counters.exchanges.get() + counters.dropped() + session.outstanding(),
            "the ledger does not hold");
  }
}

void conversation(std::uint8_t plan, std::span<const std::uint8_t> choices) {
  Dice dice(choices);
  ExchangeCounters counters;
  const std::string failure =
      Conversation::hold(dice, {(plan & 1) != 0, (plan & 2) != 0, (plan & 4) != 0, 12}, counters);
  require(failure.empty(), failure.c_str());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::uint8_t> rest(data + 1, size - 1);
  if ((data[0] & 0x80) != 0) {
    conversation(data[0], rest);
  } else {
    any_pieces(Bytes(rest));
  }
  return 0;
}

#pragma once
// ExchangeLedger: each request position begins once and ends at most once, by an exchange or by being dropped.

#include <cstddef>
#include <cstdint>
#include <set>

#include "proto/session.h"
#include "require.h"

namespace suture {

class ExchangeLedger : public ExchangeSink {
 public:
  void on_request(std::uint64_t, Direction, const Message& request, const HttpRequest&) override {
    require(open_.insert(request.begin_pos).second, "a request began twice");
  }
  void on_exchange(Exchange&& exchange) override { require(open_.erase(exchange.request.begin_pos) == 1, "an exchange without a request"); }
  void on_dropped(std::uint64_t, std::uint64_t pos) override { require(open_.erase(pos) == 1, "dropped what had not begun"); }
  std::size_t open() const { return open_.size(); }

 private:
  std::set<std::uint64_t> open_;
};

}  // namespace suture

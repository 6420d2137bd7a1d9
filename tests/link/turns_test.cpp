// Loops that put work off: whose turn it was. A service is simulated whose requests each call two others, one after the other,
// with work before and between, 16 at once; its true links are known by its own numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <sstream>

#include "linking.h"

namespace suture {
namespace {

using test::Linking;

constexpr std::uint64_t kMs = 1'000'000;
constexpr ExchangeId kCalls = 1'000'000;  // call number k of request n is k times as much, plus n

class LoopService {
 public:
  std::function<std::uint64_t(std::uint32_t tid)> work = [](std::uint32_t) { return 5 * kMs; };
  std::function<std::uint64_t()> latency = [this] { return kMs + random_() % (5 * kMs); };
  std::uint64_t background = 0;   // every so many ns the service calls for itself
  std::uint64_t connecting = 0;   // every third call opens a connection, which takes so long
  std::uint32_t threads = 1;

  struct Score {
    std::size_t right = 0, wrong = 0, alone = 0;
  };
  /// Until it has answered as many requests in all; what was found since.
  Score serve(std::size_t requests) {
    if (due_.empty()) {
      for (std::size_t client = 0; client < 16; ++client) at(client * kMs, [this] { receive(); });
      if (background) at(background, [this] { call_for_itself(); });
    }
    while (answered_ < requests) {
      const auto next = due_.begin();
      linking_.now_ns = next->first;
      const std::function<void()> happens = std::move(next->second);
      due_.erase(next);
      happens();
    }
    Score score;
    std::istringstream lines(linking_.seen());
    for (std::string line; std::getline(lines, line);) {
      ExchangeId call = 0, request = 0;
      std::string under;
      std::istringstream(line) >> call >> under >> request;
      if (under != "under") ++score.alone;
      else ++(call % kCalls == request ? score.right : score.wrong);
    }
    return score;
  }

 private:
  void at(std::uint64_t delay, std::function<void()> happens) { due_.emplace(linking_.now_ns + delay, std::move(happens)); }

  void receive() {
    const ExchangeId request = ++requests_;
    linking_.nonblocking = true;
    linking_.reads(request, tid_of(request));
    at(work(tid_of(request)), [=, this] { call(request, 1); });
  }
  void call(ExchangeId request, ExchangeId k) {
    const std::uint64_t connect_ns = connecting && ++connections_ % 3 == 0 ? linking_.now_ns : 0;
    at(connect_ns ? connecting : 0, [=, this] {
      const ExchangeId id = kCalls * k + request;
      linking_.sends_to(id, static_cast<std::uint16_t>(k), tid_of(request), connect_ns);
      at(latency(), [=, this] {
        linking_.hears(id, tid_of(request));
        linking_.linker.on_request_over(Linking::kProcess, id);
        at(work(tid_of(request)), [=, this] { k == 1 ? call(request, 2) : respond(request); });
      });
    });
  }
  void respond(ExchangeId request) {
    linking_.answers(request, 0);
    ++answered_;
    at(random_() % (2 * kMs), [this] { receive(); });
  }
  void call_for_itself() {
    const ExchangeId id = 3 * kCalls + ++own_calls_;
    linking_.sends_to(id, 1, 1);
    at(latency(), [=, this] { linking_.hears(id, 1), linking_.linker.on_request_over(Linking::kProcess, id); });
    at(background, [this] { call_for_itself(); });
  }
  std::uint32_t tid_of(ExchangeId request) const { return 1 + static_cast<std::uint32_t>(request % threads); }

  Linking linking_;
  std::mt19937_64 random_{7};
  std::multimap<std::uint64_t, std::function<void()>> due_;
  ExchangeId requests_ = 0, own_calls_ = 0;
  std::size_t answered_ = 0, connections_ = 0;
};

TEST(Turns, ALoopThatTakesThemInOrderIsLinkedOnceItsAnswersHaveShownIt) {
  LoopService service;
  EXPECT_EQ(service.serve(Audit::kEnough / 2).right, 0u);
  service.serve(2 * Audit::kEnough);
  const auto [right, wrong, alone] = service.serve(4 * Audit::kEnough);
  EXPECT_EQ(right, 2 * 2 * Audit::kEnough);
  EXPECT_EQ(wrong + alone, 0u);
}

TEST(Turns, LoopsOfOneProcessTakeThemApart) {
  LoopService service;
  service.threads = 2;
  service.work = [](std::uint32_t tid) { return (4 + tid) * kMs; };
  service.serve(2 * Audit::kEnough);
  const auto [right, wrong, alone] = service.serve(4 * Audit::kEnough);
  EXPECT_EQ(right, 2 * 2 * Audit::kEnough);
  EXPECT_EQ(wrong + alone, 0u);
}

TEST(Turns, ACallThatOpensAConnectionTakesItsTurnThen) {
  LoopService service;
  service.connecting = 3 * kMs;
  service.serve(2 * Audit::kEnough);
  const auto [right, wrong, alone] = service.serve(4 * Audit::kEnough);
  EXPECT_EQ(right, 2 * 2 * Audit::kEnough);
  EXPECT_EQ(wrong + alone, 0u);
}

TEST(Turns, WorkOfIrregularLengthIsNeverLinked) {
  LoopService service;
  service.work = [random = std::mt19937_64(3)](std::uint32_t) mutable { return kMs + random() % (9 * kMs); };
  const auto [right, wrong, alone] = service.serve(8 * Audit::kEnough);
  EXPECT_EQ(right + wrong, 0u);
}

TEST(Turns, CallsOfItsOwnAreNotLinkedAndTakeAllTrust) {
  LoopService service;
  service.background = 40 * kMs;
  const auto [right, wrong, alone] = service.serve(8 * Audit::kEnough);
  EXPECT_EQ(right + wrong, 0u);
}

// One call of its own puts all calls after it off by a turn, and answers in order would never tell.
TEST(Turns, AnOrderThatNothingPutsToTheTestIsNotBelieved) {
  LoopService service;
  service.latency = [] { return 3 * kMs; };
  service.background = 400 * kMs;
  const auto [right, wrong, alone] = service.serve(8 * Audit::kEnough);
  EXPECT_EQ(right + wrong, 0u);
}

}  // namespace
}  // namespace suture

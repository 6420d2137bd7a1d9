#pragma once
// Evidence: what was seen of the requests of one process, as the rules of agent/link/rules/ read it. Nothing here says what
// a request asked for: links are found without paths, queries and bodies.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace suture {

/// Names one exchange of one process while it may be linked. 0 = none.
using ExchangeId = std::uint64_t;

/// How many requests a process is handling at once; a rule that holds under one load need not hold under another.
enum class LoadClass : std::uint8_t { Single, Light, Busy, Saturated };  // one, where nearly any rule is right; at most 4, 16; more
constexpr LoadClass load_class(std::size_t in_flight) {
  return in_flight <= 1 ? LoadClass::Single : in_flight <= 4 ? LoadClass::Light : in_flight <= 16 ? LoadClass::Busy : LoadClass::Saturated;
}

/// Where a request was sent.
struct Destination {
  std::array<std::uint8_t, 16> address{};  // as in Endpoints; of Unix sockets none
  std::uint16_t port = 0;
  friend bool operator==(const Destination&, const Destination&) = default;
};

/// A request that the process is handling.
struct Inbound {
  ExchangeId id = 0;
  std::uint64_t begin_ns = 0;
  std::uint64_t number = 0;     // of the requests that the process has read
  std::uint32_t tid = 0;        // thread that read it
  std::uint16_t port = 0;       // of the service: what answers there behaves alike
  bool blocking = false;        // it was read by a call that would have waited
  bool answered = false;        // its response has begun
  std::uint32_t claimed = 0;    // requests that a context said were sent for it
  std::vector<std::uint64_t> names;  // of its runtime: what runs it
  std::uint64_t ran_ns = 0;     // since when its thread had been awake before it went to sleep last; 0: not known
  std::vector<ExchangeId> spawned;   // requests sent by threads that were started for it
};

/// Whoever has read the answer to a request sent woke a thread that had slept for longer.
struct Woken {
  std::uint32_t tid = 0;      // the sleeper
  ExchangeId inbound = 0;     // the request that it read last
  std::uint64_t word = 0;     // where it slept
  std::uint64_t time_ns = 0;  // when it was woken
};

/// A request that the process has sent, and that has no parent yet.
struct Outbound {
  ExchangeId id = 0;
  std::uint64_t begin_ns = 0;
  std::uint64_t connect_ns = 0; // of the connection, if this is its first request; 0: not known
  Destination destination;
  std::uint32_t tid = 0;
  std::uint64_t horizon = 0;    // number of the last request that had been read when it was sent
  ExchangeId context = 0;       // the request its thread was working on, or worked on when it opened the connection
  bool claims = false;          // a rule proposed something
  ExchangeId spawner = 0;       // the request that its thread was started for, and that was open then
  bool thread_over = false;     // its thread has ended, and had worked for nothing else
  std::uint64_t heard_ns = 0;   // when its answer was read; 0: not yet
  ExchangeId candidate = 0;     // that is not trusted enough, and still likelier than not
  bool ownerless = false;       // its thread worked on nothing: it was perhaps handed over
  bool polled = false;          // a loop read the answer
  std::uint64_t connection = 0; // where it was sent, and
  std::uint32_t seq = 0;        // where it begins there: what the kernel calls it
  std::vector<std::uint64_t> names;  // of its runtime: what waits for it, the nearest first
  std::vector<Woken> woken;     // by whoever read its answer, in order
};

}  // namespace suture

#pragma once
// WrittenContexts: what our own programs, or those of another host's agent, put onto the wire. Such a context is announced before the
// request that it left or came with, whose process knows nothing of it. Where it is in the head, the bytes that were captured are the
// process's, and positions count those on the wire. Capture thread.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/ids.h"
#include "wire/event.h"

namespace suture {

class WrittenContexts {
 public:
  /// Connections remembered at once. Over it all are forgotten: their requests are exported as if nothing had been written.
  static constexpr std::size_t kMost = 65'536;

  /// A TRACE_WRITTEN or TRACE_CARRIED; `text`: what follows the event. False: it contradicts itself.
  bool add(const event_trace& event, std::string_view text = {});
  void forget(std::uint64_t connection) { by_connection_.erase(connection); }
  /// What was written on `connection` last, or nullptr. One is enough: the next comes when the request before it was answered.
  const event_trace* find(std::uint64_t connection) const;

  /// How the captured bytes of an operation lie on the wire.
  struct Split {
    std::size_t before = 0;           // bytes in front of the insertion
    std::size_t shift = 0;            // by how much what follows lies further behind
    bool here = false;                // the insertion lies in these bytes: its text is inserted_on()
    std::size_t call_shift = 0;       // by how much the end of the call does
  };
  /// Of `bytes` captured from `seq` on, of a call that moves `call_bytes`.
  Split split(std::uint64_t connection, std::uint32_t seq, std::size_t bytes, std::size_t call_bytes) const;

  /// What was inserted into the head of the last request of `connection`, of which find() knows.
  std::string inserted_on(std::uint64_t connection) const;
  /// The line with the context, which that begins with.
  static std::string inserted_text(const event_trace& event);
  static TraceId trace_of(const event_trace& event);
  static SpanId span_of(const event_trace& event);

 private:
  struct Written {
    event_trace event;
    std::string state;  // what was inserted behind the line with the context
  };
  std::unordered_map<std::uint64_t, Written> by_connection_;
};

}  // namespace suture

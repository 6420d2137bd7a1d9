#pragma once
// Message and Exchange: what every protocol gives to the rest of the agent, by value.
// A Message is one request or response on one side of a connection; an Exchange is a request with its response, as
// seen by one process.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/ids.h"

namespace suture {

enum class Direction : std::uint8_t { Receive = 0, Send = 1 };
inline Direction opposite(Direction d) { return d == Direction::Send ? Direction::Receive : Direction::Send; }

/// One message of one direction. Positions count the payload bytes of the direction from the handshake on, so both
/// ends of a connection give a message the same position.
struct Message {
  std::uint64_t begin_pos = 0;
  std::uint64_t begin_ns = 0;  // CLOCK_MONOTONIC, operation that moved the first byte
  std::uint64_t end_ns = 0;    // CLOCK_MONOTONIC, operation that moved the last byte
  std::uint64_t wait_ns = 0;   // received messages: time the first bytes lay in the socket before they were read; 0 unknown
  ProcessKey process;          // that read or wrote the first byte
  std::uint32_t tid = 0;
};

/// Part of a byte string, by position: stays valid when the string moves.
struct Slice {
  std::uint16_t offset = 0;
  std::uint16_t length = 0;
  bool empty() const { return length == 0; }
  std::string_view in(std::string_view text) const { return text.substr(offset, length); }
};

/// Fields that carry trace context, beside traceparent and tracestate (agent/trace/formats/).
enum class ContextField : std::uint8_t {
  B3, B3TraceId, B3SpanId, B3Sampled, B3Flags, JaegerTraceId, XrayTraceId, DatadogTraceId, DatadogParentId, DatadogPriority, DatadogTags,
};
inline constexpr std::size_t kContextFields = 11;

/// What carries a request.
enum class Carrier : std::uint8_t { Http1, FastCgi };

/// What a request says in its head (RFC 9112 section 2.1), or what a web server says of it to a FastCGI application. Values are
/// trimmed of optional white space.
struct HttpRequest {
  static constexpr std::size_t kMaxTracestates = 8;  // field lines kept; 8 lines of 4 members reach the 32 of W3C 3.3.1
  static constexpr std::size_t kMaxBaggages = 4;     // field lines kept; those beyond are not looked at

  std::string head;  // the bytes from the first of the request line to the blank line (or to where it was cut); of FastCGI names and values
  Slice method, target;
  Slice host, user_agent, forwarded, x_forwarded_for, x_forwarded_host, x_forwarded_proto;
  Slice scheme, client;  // FastCGI: as the web server was asked, and by whom
  Slice traceparent;  // the first one
  Slice tracestate[kMaxTracestates];
  Slice context[kContextFields];  // by ContextField; the first one that is not empty
  Slice baggage[kMaxBaggages];
  std::uint8_t traceparent_count = 0;  // field lines; more than one makes the context invalid
  std::uint8_t tracestate_count = 0;   // field lines seen, those beyond kMaxTracestates included
  std::uint8_t baggage_count = 0;      // at most kMaxBaggages
  std::optional<std::uint64_t> body_bytes;  // as sent, without the framing; nothing: not known for certain
  Carrier carrier = Carrier::Http1;
  bool has_context = false;            // one of `context` is not empty
  std::uint8_t version_minor = 1;      // HTTP/1.x
  bool truncated = false;              // the head was longer than SUTURE_HEAD_MAX
  bool suspicious = false;             // smuggling-shaped: both lengths, bare LF, obs-fold, bad chunk size

  std::string_view field(ContextField name) const { return context[static_cast<std::size_t>(name)].in(head); }
};

struct HttpResponse {
  std::uint16_t status = 0;  // of the final response; 0 = none was seen, or a FastCGI application gave none
  std::optional<std::uint64_t> body_bytes;  // as of the request
  std::uint8_t version_minor = 1;
  bool truncated = false;
  bool suspicious = false;
};

struct HttpExchange {
  HttpRequest request;
  HttpResponse response;
};

enum class Outcome : std::uint8_t {
  Answered,       // a final response was seen to its end
  Cut,            // a final response began, the connection ended inside it
  Reset,          // ended by a reset before a response
  TimedOut,       // ended by the kernel's time-out before a response
  PeerClosed,     // the other side closed without a response
  LocallyClosed,  // this side closed without a response
};

/// A request and its response on one connection, complete. `role` is that of the process: Receive = it served.
struct Exchange {
  std::uint64_t connection = 0;        // event_data::connection
  Direction request_direction = Direction::Receive;  // Receive: the process is the server
  Outcome outcome = Outcome::Answered;
  bool end_confirmed = true;           // false: end_ns is the last operation seen, not known to be the message's end
  Message request;
  Message response;                    // begin_ns == 0: none
  std::variant<HttpExchange> detail;
};

}  // namespace suture

#pragma once
// Builds HttpRequest and Exchange from a head written as text, so that tests read like traffic. Takes well-formed heads
// only; the real scanner has its own tests.

#include <string>
#include <string_view>

#include "proto/exchange.h"
#include "trace/ascii.h"

namespace suture {

class HeadReader {
 public:
  explicit HeadReader(std::string_view head) { request_.head = head; }

  HttpRequest read() {
    std::size_t at = read_request_line();
    for (std::size_t end; (end = request_.head.find("\r\n", at)) != std::string::npos && end > at; at = end + 2)
      read_field(at, request_.head.find(':', at), end);
    return request_;
  }

 private:
  Slice slice(std::size_t begin, std::size_t end) const {
    return {static_cast<std::uint16_t>(begin), static_cast<std::uint16_t>(end - begin)};
  }

  std::size_t read_request_line() {
    const std::string& head = request_.head;
    const std::size_t end = head.find("\r\n");
    const std::size_t target = head.find(' ') + 1;
    const std::size_t version = head.rfind(' ', end) + 1;
    request_.method = slice(0, target - 1);
    request_.target = slice(target, version - 1);
    request_.version_minor = static_cast<std::uint8_t>(head[end - 1] - '0');
    return end + 2;
  }

  void read_field(std::size_t begin, std::size_t colon, std::size_t end) {
    const std::string_view name = std::string_view(request_.head).substr(begin, colon - begin);
    std::size_t first = colon + 1;
    while (first < end && (request_.head[first] == ' ' || request_.head[first] == '\t')) ++first;
    while (end > first && (request_.head[end - 1] == ' ' || request_.head[end - 1] == '\t')) --end;
    const Slice value = slice(first, end);
    if (ascii::equals_any_case(name, "host")) request_.host = value;
    if (ascii::equals_any_case(name, "user-agent")) request_.user_agent = value;
    if (ascii::equals_any_case(name, "forwarded")) request_.forwarded = value;
    if (ascii::equals_any_case(name, "x-forwarded-for")) request_.x_forwarded_for = value;
    if (ascii::equals_any_case(name, "x-forwarded-host")) request_.x_forwarded_host = value;
    if (ascii::equals_any_case(name, "x-forwarded-proto")) request_.x_forwarded_proto = value;
    static constexpr std::string_view kContext[] = {"b3", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled", "x-b3-flags", "uber-trace-id",
                                                    "x-amzn-trace-id", "x-datadog-trace-id", "x-datadog-parent-id",
                                                    "x-datadog-sampling-priority", "x-datadog-tags"};
    for (std::size_t i = 0; i < kContextFields; ++i) {
      if (!ascii::equals_any_case(name, kContext[i]) || value.empty()) continue;
      request_.context[i] = value;
      request_.has_context = true;
    }
    if (ascii::equals_any_case(name, "baggage")) request_.baggage[request_.baggage_count++] = value;
    if (ascii::equals_any_case(name, "traceparent") && request_.traceparent_count++ == 0) request_.traceparent = value;
    if (ascii::equals_any_case(name, "tracestate")) {
      const std::size_t line = request_.tracestate_count++;
      if (line < HttpRequest::kMaxTracestates) request_.tracestate[line] = value;
    }
  }

  HttpRequest request_;
};

inline HttpRequest request_of(std::string_view head) { return HeadReader(head).read(); }

/// An answered exchange; `direction` is Receive for the server's side of it.
inline Exchange exchange_of(Direction direction, std::string_view head, std::uint16_t status) {
  Exchange exchange;
  exchange.request_direction = direction;
  exchange.detail = HttpExchange{request_of(head), {}};
  std::get<HttpExchange>(exchange.detail).response.status = status;
  return exchange;
}

}  // namespace suture

#pragma once
// EndpointLog: what a person is told about an endpoint: the first failure and how to mend it, the recovery, refusals at
// most once a minute. Makes sentences; the caller logs them.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace suture {

/// Sink's thread. A sentence is returned when it is time to say it, else nothing.
class EndpointLog {
 public:
  using Clock = std::chrono::steady_clock;

  /// `name`: of the destination. `items`: what is sent there.
  EndpointLog(std::string name, std::string printable_url, std::chrono::milliseconds kept_for, std::string_view items = "spans")
      : name_(std::move(name)), url_(std::move(printable_url)), kept_for_(kept_for), items_(items) {}

  std::optional<std::string> failed(const std::string& why, Clock::time_point now);
  std::optional<std::string> answered(Clock::time_point now);
  std::optional<std::string> refused(const std::string& why, long status, std::uint64_t spans, Clock::time_point now);
  std::optional<std::string> partly_refused(const std::string& why, std::uint64_t spans, Clock::time_point now);
  std::optional<std::string> expired(std::uint64_t spans, Clock::time_point now);

 private:
  /// One kind of message, said at most once a minute, with the spans of all that was not said.
  struct Throttle {
    std::optional<Clock::time_point> last;
    std::uint64_t spans = 0;
    bool ready(std::uint64_t more, Clock::time_point now);
  };

  const std::string name_;
  const std::string url_;
  const std::chrono::milliseconds kept_for_;
  const std::string items_;
  std::optional<Clock::time_point> failing_since_;
  Throttle refusals_;
  Throttle partial_;
  Throttle expiries_;
};

}  // namespace suture

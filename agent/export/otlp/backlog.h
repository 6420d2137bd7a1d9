#pragma once
// Backlog: requests that wait for a destination, oldest first, bounded in bytes.

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace suture {

/// Sink's thread.
class Backlog {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Backlog(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  bool empty() const { return requests_.empty(); }
  std::size_t size() const { return requests_.size(); }
  bool has_room(std::size_t bytes) const { return bytes_ + bytes <= max_bytes_; }
  void push(std::string_view body, std::uint64_t spans, Clock::time_point made);

  /// The body of the first request; valid until it is taken away.
  std::string_view first_body() const { return requests_.front().body; }
  std::uint64_t spans_at(std::size_t index) const { return requests_[index].spans; }
  Clock::time_point made_at(std::size_t index) const { return requests_[index].made; }
  void remove(std::size_t index);

 private:
  struct Request {
    std::string body;
    std::uint64_t spans;
    Clock::time_point made;
  };

  const std::size_t max_bytes_;
  std::deque<Request> requests_;
  std::size_t bytes_ = 0;
};

}  // namespace suture

#pragma once
// Backlog: requests that wait for a destination, oldest first: in memory, or with a Spill on disk; each bounded in bytes.

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "export/otlp/spill.h"

namespace suture {

/// Sink's thread, but for the construction.
class Backlog {
 public:
  using Clock = std::chrono::steady_clock;

  struct Limits {
    std::size_t memory_bytes = 0;
    std::size_t disk_bytes = 0;
  };

  /// Begins with what `spill` found.
  Backlog(Limits limits, std::optional<Spill> spill, Clock::time_point now);

  bool empty() const { return requests_.empty(); }
  std::size_t size() const { return requests_.size(); }
  std::uint64_t spans() const;
  /// False if there is no room. What the disk does not take stays in memory.
  bool push(std::string_view body, std::uint64_t spans, Clock::time_point now);

  /// The body of the first request; stays where it is until that is removed. Nothing if its file was lost.
  std::optional<std::string_view> first_body();
  std::uint64_t spans_at(std::size_t index) const { return requests_[index]->entry.spans; }
  Clock::time_point made_at(std::size_t index) const { return requests_[index]->made; }
  bool on_disk(std::size_t index) const { return requests_[index]->on_disk; }
  void remove(std::size_t index);

 private:
  struct Request {
    Spill::Entry entry;
    Clock::time_point made;
    std::string body;  // on disk: empty until it is the first
    bool on_disk;
  };
  void add(Request request);
  std::size_t& bytes_of(const Request& request) { return request.on_disk ? disk_bytes_ : memory_bytes_; }

  const Limits limits_;
  std::optional<Spill> spill_;
  std::deque<std::unique_ptr<Request>> requests_;
  std::size_t memory_bytes_ = 0;
  std::size_t disk_bytes_ = 0;
};

}  // namespace suture

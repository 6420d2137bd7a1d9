#pragma once
// Events for tests of recordings: built whole, aligned, and handed out as the bytes that the ring would give.

#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "wire/event.h"

namespace suture::test {

/// An event in memory of its own.
class Event {
 public:
  template <typename T>
  explicit Event(T event, std::string_view data = {})
      : words_((sizeof(T) + data.size() + 7) / 8), size_(sizeof(T) + data.size()) {
    event.header.size = static_cast<std::uint32_t>(size_);
    std::memcpy(words_.data(), &event, sizeof(T));
    data.copy(reinterpret_cast<char*>(words_.data()) + sizeof(T), data.size());
  }
  std::span<const std::byte> bytes() const { return {reinterpret_cast<const std::byte*>(words_.data()), size_}; }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t size_;
};

/// Every byte of the struct differs from its neighbours, so that a field that is forgotten or swapped shows.
template <typename T>
T patterned(event_type type) {
  T event;
  auto* bytes = reinterpret_cast<unsigned char*>(&event);
  for (std::size_t i = 0; i < sizeof event; ++i) bytes[i] = static_cast<unsigned char>(1 + i * 7 % 251);
  event.header.type = static_cast<std::uint16_t>(type);
  return event;
}

inline Event data_event(std::uint64_t connection, event_direction direction, data_kind kind, std::uint32_t seq,
                        std::string_view data) {
  event_data event{};
  event.header.type = EVENT_DATA;
  event.connection = connection;
  event.direction = static_cast<std::uint8_t>(direction);
  event.kind = static_cast<std::uint8_t>(kind);
  event.seq = seq;
  event.call_bytes = static_cast<std::uint32_t>(data.size());
  event.data_bytes = static_cast<std::uint16_t>(data.size());
  return Event(event, data);
}

inline event_exec exec_event(std::uint32_t pid, std::string_view file, std::string_view args) {
  event_exec event{};
  event.header.type = EVENT_EXEC;
  event.tgid = pid;
  event.process_start_ns = pid;
  event.file_bytes = static_cast<std::uint16_t>(file.copy(event.file, sizeof event.file));
  event.args_bytes = static_cast<std::uint16_t>(args.copy(event.args, sizeof event.args));
  return event;
}

}  // namespace suture::test

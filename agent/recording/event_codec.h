#pragma once
// Between the structs of wire/event.h and the messages of recording.proto, field by field.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/ids.h"
#include "process/process_facts.h"
#include "wire/event.h"

namespace suture::recording::v1 {
class Record;
class Facts;
class Process;
}  // namespace suture::recording::v1

namespace suture {

/// One event rebuilt, aligned as the ring's are.
class EventBuffer {
 public:
  /// `size` zeroed bytes of which the first are a T.
  template <typename T>
  T& make(std::size_t size = sizeof(T)) {
    size_ = size;
    words_.assign((size + 7) / 8, 0);
    return *reinterpret_cast<T*>(words_.data());
  }
  std::span<const std::byte> view() const { return {reinterpret_cast<const std::byte*>(words_.data()), size_}; }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t size_ = 0;
};

/// False: no event of a type and size that wire/event.h knows. `record` is cleared first.
bool encode_event(std::span<const std::byte> event, recording::v1::Record& record);

/// False: the record is no event, or one that the agent could not have been given by a kernel program: values outside
/// their enums (arrays are indexed by some of them), strings longer than their arrays.
bool decode_event(const recording::v1::Record& record, EventBuffer& event);

void encode_facts(const ProcessKey& key, const ProcessFacts& facts, recording::v1::Facts& out);
/// The pid and start time of the facts are the key's.
ProcessFacts decode_facts(const recording::v1::Facts& in);

}  // namespace suture

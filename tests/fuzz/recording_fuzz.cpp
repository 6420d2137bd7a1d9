// The event decoder: any bytes as a recording. What comes out must be within the bounds that the reader promises, must
// encode to itself, and must pass through the redaction without changing its length.
#include <cstring>
#include <string>

#include "process/command_line.h"
#include "process/exec_facts.h"
#include "process/process_table.h"
#include "recording/event_codec.h"
#include "recording/recorder.h"
#include "recording/recording.pb.h"
#include "recording/recording_reader.h"
#include "require.h"

namespace {

using namespace suture;

class Checker : public RecordingVisitor {
 public:
  void on_record(std::span<const std::byte> event) override {
    require(event.size() >= sizeof(event_header));
    const auto& header = *reinterpret_cast<const event_header*>(event.data());
    require(header.size == event.size());
    recording::v1::Record record;
    EventBuffer again;
    require(encode_event(event, record) && decode_event(record, again));
    require(again.view().size() == event.size() && std::memcmp(again.view().data(), event.data(), event.size()) == 0);
    if (header.type == EVENT_DATA) on_data(event);
    if (header.type == EVENT_EXEC) on_exec(*reinterpret_cast<const event_exec*>(event.data()));
    if (header.type == EVENT_FORK) table_.on_fork(*reinterpret_cast<const event_fork*>(event.data()));
    if (header.type == EVENT_EXIT) table_.on_exit(*reinterpret_cast<const event_exit*>(event.data()));
  }
  void on_facts(const ProcessKey& key, ProcessFacts&& facts) override {
    table_.learn(key, std::move(facts));
    require(!table_.resource_of(key).service_name().empty());
  }
  void on_tick(std::uint64_t monotonic_ns) override { table_.advance(monotonic_ns); }

 private:
  void on_data(std::span<const std::byte> event) {
    const auto& data = *reinterpret_cast<const event_data*>(event.data());
    require(data.direction <= DIRECTION_SEND && sizeof(event_data) + data.data_bytes == event.size());
    // Segments out of the sequence number, so that the fuzzer can choose them.
    const Segment segments[] = {
        {0, data.seq & 0xff, PieceClass::Head},
        {data.seq & 0xff, data.seq >> 8 & 0xff, static_cast<PieceClass>((data.seq >> 16 & 7) % 7)},
        {data.seq >> 18, data.seq >> 20, PieceClass::Head}};
    const std::string before(reinterpret_cast<const char*>(event.data()) + sizeof(event_data), data.data_bytes);
    std::string after = before;
    redactor_.redact(data, segments, after);
    for (std::size_t i = 0; i < before.size(); ++i) require(after[i] == before[i] || after[i] == 'x');
  }

  void on_exec(event_exec event) {
    const std::string name = read_name(event);
    redact_exec(event);
    require(read_name(event) == name);
    table_.on_exec(event);
  }

  static std::string read_name(const event_exec& event) { return read_program(facts_of_exec(event)).name; }

  ProcessTable table_{{}, nullptr, nullptr, {.processes = 8}};
  Redactor redactor_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // A header of no fields, so that the fuzzer need not find one.
  std::string bytes = std::string(kRecordingMagic) + std::string("\x02\x0a\x00", 3);
  bytes.append(reinterpret_cast<const char*>(data), size);
  Result<RecordingReader> reader = RecordingReader::from_bytes(std::move(bytes));
  require(reader.ok());
  Checker checker;
  while (reader->next(checker)) {
  }
  return 0;
}

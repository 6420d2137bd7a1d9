// Order and privacy of recordings: see recorder.h.
#include "recording/recorder.h"

#include <algorithm>
#include <cstring>

#include "process/command_line.h"
#include "process/exec_facts.h"

namespace suture {
namespace {

bool is_process_life(std::uint16_t type) { return type == EVENT_EXEC || type == EVENT_FORK || type == EVENT_EXIT; }

}  // namespace

Recorder::~Recorder() { write_facts(); }

void Recorder::on_facts(const ProcessKey& key, const ProcessFacts& facts) {
  facts_.emplace_back(key, facts);
  if (privacy_ == Privacy::Redacted) facts_.back().second.args = redact_arguments(facts);
}

void Recorder::on_record(std::span<const std::byte> event, std::span<const Segment> segments) {
  event_header header;
  if (event.size() < sizeof header) return;
  std::memcpy(&header, event.data(), sizeof header);
  if (!is_process_life(header.type)) write_facts();
  if (privacy_ == Privacy::Raw) {
    writer_.write_event(event);
  } else {
    write_redacted(event, segments);
  }
  write_facts();
}

void Recorder::on_tick(std::uint64_t monotonic_ns) {
  write_facts();
  writer_.write_tick(monotonic_ns);
}

void Recorder::on_anchor(const ClockAnchor& anchor) { writer_.write_anchor(anchor); }

void Recorder::on_counters(const CounterSnapshot& counters) { writer_.write_counters(counters); }

void Recorder::write_redacted(std::span<const std::byte> event, std::span<const Segment> segments) {
  copy_.resize((event.size() + 7) / 8);
  std::memcpy(copy_.data(), event.data(), event.size());
  const std::span<std::byte> copy(reinterpret_cast<std::byte*>(copy_.data()), event.size());
  const std::uint16_t type = reinterpret_cast<const event_header*>(copy.data())->type;
  if (type == EVENT_DATA && copy.size() >= sizeof(event_data)) {
    const std::span<std::byte> data = copy.subspan(sizeof(event_data));
    redactor_.redact(*reinterpret_cast<const event_data*>(copy.data()), segments,
                     {reinterpret_cast<char*>(data.data()), data.size()});
  } else if (type == EVENT_EXEC && copy.size() >= sizeof(event_exec)) {
    redact_exec(*reinterpret_cast<event_exec*>(copy.data()));
  } else if (type == EVENT_CONNECTION && copy.size() >= sizeof(event_connection)) {
    const auto& connection = *reinterpret_cast<const event_connection*>(copy.data());
    if (connection.what == CONNECTION_CLOSED) redactor_.forget(connection.connection);
  }
  writer_.write_event(copy);
}

void Recorder::write_facts() {
  for (const auto& [key, facts] : facts_) writer_.write_facts(key, facts);
  facts_.clear();
}

void redact_exec(event_exec& event) {
  const std::size_t size = std::min<std::size_t>(event.args_bytes, sizeof event.args);
  std::string joined;
  for (const std::string& arg : redact_arguments(facts_of_exec(event))) joined.append(arg).push_back('\0');
  joined.resize(size, '\0');
  joined.copy(event.args, size);
}

}  // namespace suture

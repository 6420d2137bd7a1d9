#include "trace/written_contexts.h"

#include <algorithm>

#include "trace/trace_context.h"

namespace suture {

TraceId WrittenContexts::trace_of(const event_trace& event) {
  TraceId id;
  std::copy(std::begin(event.trace_id), std::end(event.trace_id), id.bytes.begin());
  return id;
}

SpanId WrittenContexts::span_of(const event_trace& event) {
  SpanId id;
  std::copy(std::begin(event.span_id), std::end(event.span_id), id.bytes.begin());
  return id;
}

std::string WrittenContexts::inserted_text(const event_trace& event) {
  return "traceparent: " + serialize_traceparent(trace_of(event), span_of(event), event.trace_flags) + "\r\n";
}

bool WrittenContexts::add(const event_trace& event, std::string_view text) {
  std::string_view state;
  if (event.inserted_bytes != 0) {
    const std::string line = inserted_text(event);
    if (text.starts_with(line)) state = text.substr(line.size());
    if (event.inserted_bytes != line.size() + state.size() || event.inserted_at > event.call_bytes) return false;
  }
  if (by_connection_.size() >= kMost) by_connection_.clear();
  by_connection_.insert_or_assign(event.connection, Written{event, std::string(state)});
  return true;
}

std::string WrittenContexts::inserted_on(std::uint64_t connection) const {
  const Written& written = by_connection_.at(connection);
  return inserted_text(written.event) + written.state;
}

const event_trace* WrittenContexts::find(std::uint64_t connection) const {
  const auto found = by_connection_.find(connection);
  return found == by_connection_.end() ? nullptr : &found->second.event;
}

WrittenContexts::Split WrittenContexts::split(std::uint64_t connection, std::uint32_t seq, std::size_t bytes, std::size_t call_bytes) const {
  Split split;
  split.before = bytes;
  const event_trace* const event = find(connection);
  if (event == nullptr || event->inserted_bytes == 0) return split;
  // Sequence numbers of the call's own bytes are captured as the process numbers them; those of the next call lie behind all of it.
  const std::uint32_t offset = seq - event->seq;
  if (offset >= event->call_bytes) return split;
  if (offset + call_bytes > event->inserted_at) split.call_shift = event->inserted_bytes;
  if (offset > event->inserted_at) {
    split.before = 0;
    split.shift = event->inserted_bytes;
  } else if (offset + bytes > event->inserted_at) {
    split.before = event->inserted_at - offset;
    split.shift = event->inserted_bytes;
    split.here = true;
  }
  return split;
}

}  // namespace suture

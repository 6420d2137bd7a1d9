// Events to messages and back: see event_codec.h. Every field of wire/event.h has its line in both directions.
#include "recording/event_codec.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>

#include "recording/recording.pb.h"

namespace suture {
namespace {

namespace v1 = recording::v1;

void encode(const event_header& in, v1::EventHeader& out) {
  out.set_flags(in.flags);
  out.set_time_ns(in.time_ns);
}

event_header decode(const v1::EventHeader& in, event_type type, std::size_t size) {
  event_header out{};
  out.type = static_cast<std::uint16_t>(type);
  out.flags = static_cast<std::uint16_t>(in.flags());
  out.size = static_cast<std::uint32_t>(size);
  out.time_ns = in.time_ns();
  return out;
}

void encode(std::uint32_t tgid, std::uint64_t start_ns, std::uint32_t tid, v1::Process& out) {
  out.set_tgid(tgid);
  out.set_start_ns(start_ns);
  out.set_tid(tid);
}

template <typename Event>
void encode_progress(const Event& in, v1::Progress& out) {
  out.set_received_last_ns(in.last_ns[DIRECTION_RECEIVE]);
  out.set_sent_last_ns(in.last_ns[DIRECTION_SEND]);
  out.set_received_end_seq(in.end_seq[DIRECTION_RECEIVE]);
  out.set_sent_end_seq(in.end_seq[DIRECTION_SEND]);
}

template <typename Event>
void decode_progress(const v1::Progress& in, Event& out) {
  out.last_ns[DIRECTION_RECEIVE] = in.received_last_ns();
  out.last_ns[DIRECTION_SEND] = in.sent_last_ns();
  out.end_seq[DIRECTION_RECEIVE] = in.received_end_seq();
  out.end_seq[DIRECTION_SEND] = in.sent_end_seq();
}

template <typename Event>
void decode_process(const v1::Process& in, Event& out) {
  out.process_start_ns = in.start_ns();
  out.tgid = in.tgid();
}

bool fits16(std::uint32_t value) { return value <= std::numeric_limits<std::uint16_t>::max(); }

// ---- to messages

void encode(const event_data& in, std::span<const std::byte> bytes, v1::Data& out) {
  encode(in.header, *out.mutable_event());
  out.set_connection(in.connection);
  encode(in.tgid, in.process_start_ns, in.tid, *out.mutable_process());
  encode_progress(in, *out.mutable_before());
  out.set_seq(in.seq);
  out.set_call_bytes(in.call_bytes);
  out.set_wait_ns(in.wait_ns);
  out.set_direction(in.direction);
  out.set_kind(in.kind);
  out.set_bytes(bytes.data(), bytes.size());
  if (in.answers_seq) out.set_answers_seq(in.answers_seq);
}

void encode(const event_connection& in, v1::Connection& out) {
  encode(in.header, *out.mutable_event());
  out.set_connection(in.connection);
  encode(in.tgid, in.process_start_ns, in.tid, *out.mutable_process());
  encode_progress(in, *out.mutable_progress());
  out.set_isn_own(in.isn_own);
  out.set_isn_peer(in.isn_peer);
  out.set_opened_ns(in.opened_ns);
  out.set_established_ns(in.established_ns);
  out.set_sent_bytes(in.sent_bytes);
  out.set_received_bytes(in.received_bytes);
  out.set_retransmits(in.retransmits);
  out.set_netns_inode(in.netns_inode);
  out.set_local_address(in.local_address, sizeof in.local_address);
  out.set_remote_address(in.remote_address, sizeof in.remote_address);
  out.set_local_port(in.local_port);
  out.set_remote_port(in.remote_port);
  out.set_error(in.error);
  out.set_family(in.family);
  out.set_what(in.what);
  out.set_role(in.role);
  out.set_verdict(in.verdict);
  out.set_have_isn(in.have_isn);
  out.set_peer_closed(in.peer_closed);
}

void encode(const event_unix_connection& in, v1::Connection& out) {
  encode(in.connection, out);
  out.set_local_path(in.local_path, std::min<std::size_t>(in.local_bytes, sizeof in.local_path));
  out.set_remote_path(in.remote_path, std::min<std::size_t>(in.remote_bytes, sizeof in.remote_path));
}

void encode(const event_exec& in, v1::Exec& out) {
  encode(in.header, *out.mutable_event());
  encode(in.tgid, in.process_start_ns, 0, *out.mutable_process());
  out.set_cgroup_id(in.cgroup_id);
  out.set_file(in.file, std::min<std::size_t>(in.file_bytes, sizeof in.file));
  out.set_args(in.args, std::min<std::size_t>(in.args_bytes, sizeof in.args));
}

void encode(const event_fork& in, v1::Fork& out) {
  encode(in.header, *out.mutable_event());
  encode(in.parent_tgid, in.parent_start_ns, 0, *out.mutable_parent());
  encode(in.child_tgid, in.child_start_ns, 0, *out.mutable_child());
}

void encode(const event_exit& in, v1::Exit& out) {
  encode(in.header, *out.mutable_event());
  encode(in.tgid, in.process_start_ns, 0, *out.mutable_process());
}

void encode(const witness_context& in, v1::Witness::Context& out) {
  out.set_connection(in.connection);
  out.set_seq(in.seq);
}

void encode(const event_witness& in, v1::Witness& out) {
  encode(in.header, *out.mutable_event());
  encode(in.tgid, in.process_start_ns, in.tid, *out.mutable_process());
  out.set_connection(in.connection);
  out.set_seq(in.seq);
  out.set_point(in.point);
  out.set_runtime(in.runtime);
  if (witness_context_tells(in.thread)) encode(in.thread, *out.mutable_thread());
  if (witness_context_tells(in.bound)) encode(in.bound, *out.mutable_bound());
  for (std::size_t i = 0; i < std::min<std::size_t>(in.values, SUTURE_WITNESS_VALUES); ++i) out.add_values(in.value[i]);
}

void encode(const event_wake& in, v1::Wake& out) {
  encode(in.header, *out.mutable_event());
  encode(in.tgid, in.process_start_ns, in.tid, *out.mutable_process());
  out.set_sleeper_tid(in.sleeper);
  out.set_word(in.word);
  if (in.token.connection != 0) encode(in.token, *out.mutable_token());
  if (in.context.connection != 0) encode(in.context, *out.mutable_context());
}

void encode(const event_thread_exit& in, v1::ThreadExit& out) {
  encode(in.header, *out.mutable_event());
  encode(in.tgid, in.process_start_ns, in.tid, *out.mutable_process());
}

void encode(const event_trace& in, std::span<const std::byte> inserted, v1::Trace& out) {
  encode(in.header, *out.mutable_event());
  encode(in.tgid, in.process_start_ns, in.tid, *out.mutable_process());
  out.set_connection(in.connection);
  out.set_seq(in.seq);
  out.set_call_bytes(in.call_bytes);
  out.set_inserted_at(in.inserted_at);
  out.set_inserted_bytes(in.inserted_bytes);
  out.set_what(in.what);
  out.set_trace_flags(in.trace_flags);
  if (in.cause.connection != 0) encode(in.cause, *out.mutable_cause());
  out.set_trace_id(in.trace_id, sizeof in.trace_id);
  out.set_span_id(in.span_id, sizeof in.span_id);
  if (!inserted.empty()) out.set_inserted(inserted.data(), inserted.size());
}

// ---- and back

bool decode(const v1::Data& in, EventBuffer& buffer) {
  const std::size_t bytes = in.bytes().size();
  if (bytes > std::numeric_limits<std::uint16_t>::max() || in.direction() > DIRECTION_SEND) return false;
  if (in.kind() < DATA_START || in.kind() > DATA_TAIL || !fits16(in.event().flags())) return false;
  // "at least data_bytes": who takes one from the other must not get less than nothing.
  if (in.call_bytes() < bytes) return false;
  auto& out = buffer.make<event_data>(sizeof(event_data) + bytes);
  out.header = decode(in.event(), EVENT_DATA, sizeof(event_data) + bytes);
  out.connection = in.connection();
  decode_process(in.process(), out);
  out.tid = in.process().tid();
  decode_progress(in.before(), out);
  out.seq = in.seq();
  out.call_bytes = in.call_bytes();
  out.wait_ns = in.wait_ns();
  out.data_bytes = static_cast<std::uint16_t>(bytes);
  out.direction = static_cast<std::uint8_t>(in.direction());
  out.kind = static_cast<std::uint8_t>(in.kind());
  out.answers_seq = in.answers_seq();
  std::copy(in.bytes().begin(), in.bytes().end(), reinterpret_cast<char*>(&out) + sizeof(event_data));
  return true;
}

bool decode(const v1::Connection& in, EventBuffer& buffer) {
  if (in.what() < CONNECTION_OPEN || in.what() > CONNECTION_CLOSED || in.role() > ROLE_SERVER) return false;
  if (in.verdict() > VERDICT_IGNORED || in.family() > 0xff || in.have_isn() > 1 || in.peer_closed() > 1) return false;
  if (!fits16(in.local_port()) || !fits16(in.remote_port()) || !fits16(in.error()) || !fits16(in.event().flags()))
    return false;
  const bool has_paths = in.has_local_path() || in.has_remote_path();
  auto& out = buffer.make<event_connection>(has_paths ? sizeof(event_unix_connection) : sizeof(event_connection));
  if (in.local_address().size() > sizeof out.local_address || in.remote_address().size() > sizeof out.remote_address)
    return false;
  out.header = decode(in.event(), EVENT_CONNECTION, buffer.view().size());
  out.connection = in.connection();
  decode_process(in.process(), out);
  out.tid = in.process().tid();
  decode_progress(in.progress(), out);
  out.isn_own = in.isn_own();
  out.isn_peer = in.isn_peer();
  out.opened_ns = in.opened_ns();
  out.established_ns = in.established_ns();
  out.sent_bytes = in.sent_bytes();
  out.received_bytes = in.received_bytes();
  out.retransmits = in.retransmits();
  out.netns_inode = in.netns_inode();
  std::copy(in.local_address().begin(), in.local_address().end(), out.local_address);
  std::copy(in.remote_address().begin(), in.remote_address().end(), out.remote_address);
  out.local_port = static_cast<std::uint16_t>(in.local_port());
  out.remote_port = static_cast<std::uint16_t>(in.remote_port());
  out.error = static_cast<std::uint16_t>(in.error());
  out.family = static_cast<std::uint8_t>(in.family());
  out.what = static_cast<std::uint8_t>(in.what());
  out.role = static_cast<std::uint8_t>(in.role());
  out.verdict = static_cast<std::uint8_t>(in.verdict());
  out.have_isn = static_cast<std::uint8_t>(in.have_isn());
  out.peer_closed = static_cast<std::uint8_t>(in.peer_closed());
  if (!has_paths) return true;
  auto& paths = reinterpret_cast<event_unix_connection&>(out);
  if (in.local_path().size() > sizeof paths.local_path || in.remote_path().size() > sizeof paths.remote_path) return false;
  paths.local_bytes = static_cast<std::uint16_t>(in.local_path().copy(paths.local_path, sizeof paths.local_path));
  paths.remote_bytes = static_cast<std::uint16_t>(in.remote_path().copy(paths.remote_path, sizeof paths.remote_path));
  return true;
}

bool decode(const v1::Exec& in, EventBuffer& buffer) {
  auto& out = buffer.make<event_exec>();
  if (in.file().size() > sizeof out.file || in.args().size() > sizeof out.args || !fits16(in.event().flags()))
    return false;
  out.header = decode(in.event(), EVENT_EXEC, sizeof out);
  decode_process(in.process(), out);
  out.cgroup_id = in.cgroup_id();
  out.file_bytes = static_cast<std::uint16_t>(in.file().copy(out.file, sizeof out.file));
  out.args_bytes = static_cast<std::uint16_t>(in.args().copy(out.args, sizeof out.args));
  return true;
}

bool decode(const v1::Fork& in, EventBuffer& buffer) {
  if (!fits16(in.event().flags())) return false;
  auto& out = buffer.make<event_fork>();
  out.header = decode(in.event(), EVENT_FORK, sizeof out);
  out.parent_start_ns = in.parent().start_ns();
  out.parent_tgid = in.parent().tgid();
  out.child_start_ns = in.child().start_ns();
  out.child_tgid = in.child().tgid();
  return true;
}

bool decode(const v1::Exit& in, EventBuffer& buffer) {
  if (!fits16(in.event().flags())) return false;
  auto& out = buffer.make<event_exit>();
  out.header = decode(in.event(), EVENT_EXIT, sizeof out);
  decode_process(in.process(), out);
  return true;
}

witness_context decode(const v1::Witness::Context& in) { return {in.connection(), in.seq(), 0}; }

bool decode(const v1::Witness& in, EventBuffer& buffer) {
  if (!fits16(in.event().flags()) || in.point() > WITNESS_RESPONSE_SENT || in.runtime() > 0xff) return false;
  if (in.values_size() > SUTURE_WITNESS_VALUES) return false;
  const auto values = static_cast<std::size_t>(in.values_size());
  const std::size_t size = offsetof(event_witness, value) + values * sizeof(std::uint64_t);
  auto& out = buffer.make<event_witness>(size);
  out.header = decode(in.event(), EVENT_WITNESS, size);
  decode_process(in.process(), out);
  out.tid = in.process().tid();
  out.connection = in.connection();
  out.seq = in.seq();
  out.point = static_cast<std::uint8_t>(in.point());
  out.runtime = static_cast<std::uint8_t>(in.runtime());
  out.values = static_cast<std::uint8_t>(values);
  out.thread = decode(in.thread());
  out.bound = decode(in.bound());
  std::copy(in.values().begin(), in.values().end(), out.value);
  return true;
}

bool decode(const v1::Wake& in, EventBuffer& buffer) {
  if (!fits16(in.event().flags())) return false;
  auto& out = buffer.make<event_wake>();
  out.header = decode(in.event(), EVENT_WAKE, sizeof out);
  decode_process(in.process(), out);
  out.tid = in.process().tid();
  out.sleeper = in.sleeper_tid();
  out.word = in.word();
  out.token = decode(in.token());
  out.context = decode(in.context());
  return true;
}

bool decode(const v1::ThreadExit& in, EventBuffer& buffer) {
  if (!fits16(in.event().flags())) return false;
  auto& out = buffer.make<event_thread_exit>();
  out.header = decode(in.event(), EVENT_THREAD_EXIT, sizeof out);
  decode_process(in.process(), out);
  out.tid = in.process().tid();
  return true;
}

bool decode(const v1::Trace& in, EventBuffer& buffer) {
  if (!fits16(in.event().flags()) || in.what() < TRACE_BEGUN || in.what() > TRACE_CARRIED || in.trace_flags() > 0xff) return false;
  if (!fits16(in.inserted_at()) || !fits16(in.inserted_bytes())) return false;
  if (!in.inserted().empty() && in.inserted().size() != in.inserted_bytes()) return false;
  const std::size_t size = sizeof(event_trace) + in.inserted().size();
  auto& out = buffer.make<event_trace>(size);
  if (in.trace_id().size() != sizeof out.trace_id || in.span_id().size() != sizeof out.span_id) return false;
  out.header = decode(in.event(), EVENT_TRACE, size);
  decode_process(in.process(), out);
  out.tid = in.process().tid();
  out.connection = in.connection();
  out.seq = in.seq();
  out.call_bytes = in.call_bytes();
  out.inserted_at = static_cast<std::uint16_t>(in.inserted_at());
  out.inserted_bytes = static_cast<std::uint16_t>(in.inserted_bytes());
  out.what = static_cast<std::uint8_t>(in.what());
  out.trace_flags = static_cast<std::uint8_t>(in.trace_flags());
  out.cause = decode(in.cause());
  std::copy(in.trace_id().begin(), in.trace_id().end(), out.trace_id);
  std::copy(in.span_id().begin(), in.span_id().end(), out.span_id);
  std::memcpy(&out + 1, in.inserted().data(), in.inserted().size());
  return true;
}

/// The event as a T, which it must have the size of.
template <typename T>
const T* as(std::span<const std::byte> event) {
  return event.size() >= sizeof(T) ? reinterpret_cast<const T*>(event.data()) : nullptr;
}

}  // namespace

bool encode_event(std::span<const std::byte> event, v1::Record& record) {
  record.Clear();
  const auto* header = as<event_header>(event);
  if (header == nullptr) return false;
  switch (header->type) {
    case EVENT_DATA: {
      const auto* data = as<event_data>(event);
      if (data == nullptr || event.size() - sizeof(event_data) < data->data_bytes) return false;
      encode(*data, event.subspan(sizeof(event_data), data->data_bytes), *record.mutable_data());
      return true;
    }
    case EVENT_CONNECTION:
      if (const auto* unix_connection = as<event_unix_connection>(event))
        return encode(*unix_connection, *record.mutable_connection()), true;
      if (const auto* connection = as<event_connection>(event))
        return encode(*connection, *record.mutable_connection()), true;
      return false;
    case EVENT_EXEC:
      if (const auto* exec = as<event_exec>(event)) return encode(*exec, *record.mutable_exec()), true;
      return false;
    case EVENT_FORK:
      if (const auto* fork = as<event_fork>(event)) return encode(*fork, *record.mutable_fork()), true;
      return false;
    case EVENT_EXIT:
      if (const auto* exit = as<event_exit>(event)) return encode(*exit, *record.mutable_exit()), true;
      return false;
    case EVENT_WITNESS:
      if (event.size() < offsetof(event_witness, value)) return false;
      if (const auto& witness = *reinterpret_cast<const event_witness*>(event.data());
          event.size() >= offsetof(event_witness, value) + witness.values * sizeof(witness.value[0]))
        return encode(witness, *record.mutable_witness()), true;
      return false;
    case EVENT_WAKE:
      if (const auto* wake = as<event_wake>(event)) return encode(*wake, *record.mutable_wake()), true;
      return false;
    case EVENT_THREAD_EXIT:
      if (const auto* exit = as<event_thread_exit>(event)) return encode(*exit, *record.mutable_thread_exit()), true;
      return false;
    case EVENT_TRACE:
      if (const auto* trace = as<event_trace>(event)) return encode(*trace, event.subspan(sizeof *trace), *record.mutable_trace()), true;
      return false;
  }
  return false;
}

bool decode_event(const v1::Record& record, EventBuffer& event) {
  switch (record.kind_case()) {
    case v1::Record::kData: return decode(record.data(), event);
    case v1::Record::kConnection: return decode(record.connection(), event);
    case v1::Record::kExec: return decode(record.exec(), event);
    case v1::Record::kFork: return decode(record.fork(), event);
    case v1::Record::kExit: return decode(record.exit(), event);
    case v1::Record::kWitness: return decode(record.witness(), event);
    case v1::Record::kWake: return decode(record.wake(), event);
    case v1::Record::kThreadExit: return decode(record.thread_exit(), event);
    case v1::Record::kTrace: return decode(record.trace(), event);
    default: return false;
  }
}

void encode_facts(const ProcessKey& key, const ProcessFacts& facts, v1::Facts& out) {
  encode(key.tgid, key.start_ns, 0, *out.mutable_process());
  out.set_owner_uid(facts.owner_uid);
  out.set_exe(facts.exe);
  out.set_comm(facts.comm);
  out.set_cwd(facts.cwd);
  for (const std::string& arg : facts.args) out.add_args(arg);
  out.set_otel_service_name(facts.otel_service_name);
  out.set_otel_resource_attributes(facts.otel_resource_attributes);
  out.set_cgroup_path(facts.cgroup_path);
  out.set_container_id(facts.container_id);
  out.set_systemd_unit(facts.systemd_unit);
  out.set_package_name(facts.package_name);
  out.set_complete(facts.complete);
  if (facts.awaited) out.set_awaited(true);
  if (!facts.traceparent.empty()) out.set_traceparent(facts.traceparent);
  if (!facts.tracestate.empty()) out.set_tracestate(facts.tracestate);
  for (const auto& [key, value] : facts.published) {
    v1::Facts::Attribute& attribute = *out.add_published();
    attribute.set_key(key);
    attribute.set_value(value);
  }
}

ProcessFacts decode_facts(const v1::Facts& in) {
  ProcessFacts facts;
  facts.pid = in.process().tgid();
  facts.start_ns = in.process().start_ns();
  facts.owner_uid = in.owner_uid();
  facts.exe = in.exe();
  facts.comm = in.comm();
  facts.cwd = in.cwd();
  facts.args.assign(in.args().begin(), in.args().end());
  facts.otel_service_name = in.otel_service_name();
  facts.otel_resource_attributes = in.otel_resource_attributes();
  facts.cgroup_path = in.cgroup_path();
  facts.container_id = in.container_id();
  facts.systemd_unit = in.systemd_unit();
  facts.package_name = in.package_name();
  facts.complete = in.complete();
  facts.awaited = in.awaited();
  facts.traceparent = in.traceparent();
  facts.tracestate = in.tracestate();
  for (const v1::Facts::Attribute& attribute : in.published()) facts.published.emplace_back(attribute.key(), attribute.value());
  return facts;
}

}  // namespace suture

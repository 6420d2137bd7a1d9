// Socket: which bytes leave the kernel, and what is said of the connection. Mirrors bpf/core/{io,conn}.bpf.h.
#include <cstring>

#include "wire.h"
#include "wire/limits.h"

namespace suture::test {
namespace {

bool is_response(std::string_view text) { return text.starts_with("HTTP/"); }

bool begins_message(std::string_view text) {
  if (is_response(text)) return true;
  for (const std::string_view method : {"GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "CONNECT ", "OPTIONS "})
    if (text.starts_with(method)) return true;
  return false;
}

}  // namespace

Socket::Socket(Wire& wire, std::uint64_t id, ProcessKey process, bool client) : wire_(wire), id_(id), user_(process) {
  facts_.connection = id;
  facts_.tgid = facts_.tid = process.tgid;
  facts_.process_start_ns = process.start_ns;
  facts_.role = client ? ROLE_CLIENT : ROLE_SERVER;
  facts_.family = 2;
  facts_.opened_ns = facts_.established_ns = wire.now_ns;
  facts_.have_isn = 1;
}

std::uint32_t Socket::seq(std::uint8_t direction) const {
  return (direction == DIRECTION_SEND ? facts_.isn_own : facts_.isn_peer) + 1 +
         static_cast<std::uint32_t>(total_[direction]);
}

void Socket::moved_before(std::uint64_t sent, std::uint64_t received) {
  total_[DIRECTION_SEND] = sent;
  total_[DIRECTION_RECEIVE] = received;
}

void Socket::send_in(std::string_view text, std::size_t write_size, std::size_t read_size) {
  for (std::string_view left = text; !left.empty(); left.remove_prefix(std::min(write_size, left.size())))
    write(left.substr(0, write_size));
  for (std::string_view left = text; !left.empty(); left.remove_prefix(std::min(read_size, left.size())))
    peer_->read(left.substr(0, read_size));
}

void Socket::write_part(std::string_view text, std::size_t moved) {
  wire_.now_ns += 1000;
  const std::uint32_t from = seq(DIRECTION_SEND);
  if (wire_.sends_at_entry) {
    judge({DIRECTION_SEND, text, from, false, wire_.now_ns});
    total_[DIRECTION_SEND] += moved;
  } else {
    total_[DIRECTION_SEND] += moved;
    if (moved > 0) judge({DIRECTION_SEND, text.substr(0, moved), from, true, wire_.now_ns});
  }
}

void Socket::read(std::string_view text) {
  wire_.now_ns += 1000;
  const std::uint32_t from = seq(DIRECTION_RECEIVE);
  total_[DIRECTION_RECEIVE] += text.size();
  judge({DIRECTION_RECEIVE, text, from, true, wire_.now_ns});
}

void Socket::send_written(std::string_view text, const event_trace& context, std::string_view line, const Socket& in) {
  event_trace event = context;
  event.header = {EVENT_TRACE, 0, 0, wire_.now_ns};
  event.process_start_ns = user_.start_ns;
  event.tgid = event.tid = user_.tgid;
  event.connection = id_;
  event.seq = seq(DIRECTION_SEND);
  event.call_bytes = static_cast<std::uint32_t>(text.size());
  event.inserted_at = static_cast<std::uint16_t>(text.find('\n') + 1);
  event.inserted_bytes = static_cast<std::uint16_t>(line.size());
  event.what = TRACE_WRITTEN;
  event.cause.connection = in.id_;
  event.cause.seq = in.facts_.isn_peer + 1;
  std::string record(reinterpret_cast<const char*>(&event), sizeof event);
  record += line;
  wire_.emit(record.data(), record.size());
  wire_.now_ns += 1000;
  const Call call{DIRECTION_SEND, text, event.seq, true, wire_.now_ns};  // seen when it is over, as the process made it
  total_[DIRECTION_SEND] += text.size() + line.size();
  judge(call);
  std::string arrived(text);
  arrived.insert(event.inserted_at, line);
  peer_->read(arrived);
}

void Socket::begins(const event_trace& context) {
  event_trace event = context;
  event.header = {EVENT_TRACE, 0, 0, wire_.now_ns};
  event.process_start_ns = user_.start_ns;
  event.tgid = event.tid = user_.tgid;
  event.connection = id_;
  event.seq = facts_.isn_peer + 1;
  event.what = TRACE_BEGUN;
  wire_.emit(&event, sizeof event);
}

void Socket::is_told(const event_trace& context) {
  event_trace event = context;
  event.header = {EVENT_TRACE, 0, 0, wire_.now_ns};
  event.connection = id_;
  event.seq = seq(DIRECTION_RECEIVE);
  event.what = TRACE_CARRIED;
  wire_.emit(&event, sizeof event);
}

void Socket::sendfile(std::uint64_t bytes) {
  wire_.now_ns += 1000;
  total_[DIRECTION_SEND] += bytes;
  note({DIRECTION_SEND, {}, 0, true, wire_.now_ns});
}

/// The call belongs to an exchange that is not reported. Mirrors bpf/core/shed.bpf.h.
bool Socket::sheds(const Call& call) {
  const std::uint8_t d = call.direction;
  const bool asks = begins_message(call.text) && !is_response(call.text);
  if (shed_ && !(asks && last_direction_ != d && !shedding_)) {
    last_direction_ = d;
    return true;
  }
  if (shed_ || !shedding_ || !asks || last_direction_ == d || need_[0] || need_[1] || pipelined_) return false;
  shed_ = true;
  kept_end_[d] = call.seq;
  kept_end_[1 - d] = seq(static_cast<std::uint8_t>(1 - d));
  last_direction_ = d;
  return true;
}

void Socket::judge(const Call& call) {
  if (!observed_ || facts_.verdict > VERDICT_HTTP || sheds(call)) return;
  const std::uint8_t d = call.direction;
  const bool body = last_direction_ == d && !need_[d] && !pipelined_;
  if (body && http() && d != request_direction_) tail(call);
  else if (!body || begins_message(call.text)) message(call);
  note(call);
}

void Socket::message(const Call& call) {
  const std::uint8_t d = call.direction;
  const bool starts = begins_message(call.text);
  if (!starts && !need_[d] && !pipelined_) return;
  if (starts && !announced_) {
    facts_.verdict = VERDICT_HTTP;
    if (!report(CONNECTION_OPEN)) return;
    announced_ = true;
  }
  const std::string_view first = call.text.substr(0, SUTURE_CLASS_3);
  if (wire_.ring_is_full()) return;
  if (starts) {
    if (last_direction_ == d && !need_[d]) pipelined_ = true;
    need_[d] = true;
    need_[1 - d] = false;
    head_[d].clear();
    request_direction_ = is_response(call.text) ? static_cast<std::uint8_t>(1 - d) : d;
  }
  if (need_[d]) take_head(d, first);
  std::size_t done = first.size();
  const bool goes_on = need_[d] || pipelined_;  // the rest follows in records of its own
  record(call, starts ? DATA_START : DATA_CONTINUE, 0, first, goes_on ? done : call.text.size());
  while (done < call.text.size() && done < SUTURE_HEAD_MAX && (need_[d] || pipelined_)) {
    const std::string_view piece = call.text.substr(done, SUTURE_PIECE);
    if (!record(call, DATA_CONTINUE, done, piece, piece.size())) break;
    if (need_[d]) take_head(d, piece);
    done += piece.size();
  }
  if (done < call.text.size() && d != request_direction_) tail(call);
}

void Socket::take_head(std::uint8_t d, std::string_view bytes) {
  head_[d] += bytes;
  const std::size_t end = head_[d].find("\r\n\r\n");
  if (end == std::string::npos) {
    need_[d] = head_[d].size() < SUTURE_HEAD_MAX;
    return;
  }
  if (begins_message(std::string_view(head_[d]).substr(end + 4))) pipelined_ = true;
  const std::string_view status = is_response(head_[d]) ? std::string_view(head_[d]).substr(9, 3) : "";
  need_[d] = status.starts_with('1') && status != "101";
  if (status == "101") facts_.verdict = VERDICT_UPGRADED;
}

/// The last chunk of a chunked body, if the call ends with it.
void Socket::tail(const Call& call) {
  const std::string_view last = call.text.size() >= 7 ? "\r\n0\r\n\r\n" : "0\r\n\r\n";
  if (!call.text.ends_with(last)) return;
  record(call, DATA_TAIL, call.text.size() - last.size(), last, last.size());
}

void Socket::note(const Call& call) {
  last_direction_ = call.direction;
  if (shed_) return;
  last_ns_[call.direction] = call.time_ns;
  moved_ = true;
}

bool Socket::record(const Call& call, data_kind kind, std::size_t from, std::string_view data, std::size_t call_bytes) {
  event_data event{};
  event.header = {EVENT_DATA, static_cast<std::uint16_t>(call.exact ? DATA_EXACT : 0), 0, call.time_ns};
  event.connection = id_;
  event.process_start_ns = user_.start_ns;
  event.tgid = event.tid = user_.tgid;
  for (std::uint8_t d : {DIRECTION_RECEIVE, DIRECTION_SEND}) {
    event.last_ns[d] = last_ns_[d];
    event.end_seq[d] = shed_ ? kept_end_[d] : d == call.direction ? call.seq : seq(d);
  }
  if (shed_) {
    event.header.flags |= DATA_AFTER_SHED;
    event.answers_seq = seq(static_cast<std::uint8_t>(1 - call.direction));
    shed_ = false;
  }
  event.seq = call.seq + static_cast<std::uint32_t>(from);
  event.call_bytes = static_cast<std::uint32_t>(call_bytes);
  event.data_bytes = static_cast<std::uint16_t>(data.size());
  event.direction = call.direction;
  event.kind = static_cast<std::uint8_t>(kind);
  return wire_.emit(&event, sizeof event, data);
}

bool Socket::report(connection_what what, int error) {
  facts_.header = {EVENT_CONNECTION, 0, 0, wire_.now_ns};
  facts_.what = static_cast<std::uint8_t>(what);
  facts_.error = static_cast<std::uint16_t>(error);
  for (std::uint8_t d : {DIRECTION_RECEIVE, DIRECTION_SEND}) {
    facts_.last_ns[d] = last_ns_[d];
    facts_.end_seq[d] = shed_ ? kept_end_[d] : seq(d);
  }
  facts_.sent_bytes = total_[DIRECTION_SEND];
  facts_.received_bytes = total_[DIRECTION_RECEIVE];
  if (!wire_.emit(&facts_, sizeof facts_)) return false;
  moved_ = false;
  return true;
}

void Socket::close() {
  wire_.now_ns += 1000;
  if (observed_ && http() && announced_) report(CONNECTION_CLOSING);
  peer_->facts_.peer_closed = 1;
}

void Socket::gone(int error) {
  wire_.now_ns += 1000;
  if (observed_) report(CONNECTION_CLOSED, error);
}

void Socket::sweep() {
  const bool told = !moved_ && facts_.family != 1;  // Unix sockets say that they live
  if (observed_ && http() && announced_ && !told) report(CONNECTION_PROGRESS);
}

void Socket::doubt() {
  facts_.have_isn = 0;
  report(CONNECTION_PROGRESS);
}

}  // namespace suture::test

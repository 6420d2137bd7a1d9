// Requests, responses, and what becomes of a pair. How connections end is in session_end.cpp.
#include "proto/fastcgi/session.h"

#include <algorithm>
#include <utility>

#include "proto/fastcgi/params.h"
#include "wire/limits.h"

namespace suture::fastcgi {
namespace {

constexpr char kResponder = 1;  // FastCGI 1.0, 5.1

/// First room for names and values: most fit without growing.
constexpr std::size_t kParamsReserve = 1024;

/// END_REQUEST of this request: its header, and its content unless that is read by another call.
bool is_end(std::string_view bytes, std::uint16_t id) {
  if (bytes.size() != kHeaderBytes && bytes.size() != kHeaderBytes + kBodyBytes) return false;
  std::array<char, kHeaderBytes> header;
  std::copy_n(bytes.begin(), header.size(), header.begin());
  const std::optional<RecordHeader> record = parse_header(header);
  return record && record->type == RecordType::EndRequest && record->id == id && record->content == kBodyBytes && record->padding == 0;
}

}  // namespace

Session::~Session() { counters_->dropped_unended.add(outstanding()); }

void Session::take(Stream& stream, Piece& piece, std::size_t count, PieceClass kind) {
  piece.take(count, kind);
  stream.next = piece.pos();
  if (stream.next <= stream.moved) return;
  stream.moved = stream.next;
  stream.last_ns = piece.operation().time_ns;
}

void Session::progress(Direction direction, std::uint64_t pos, std::uint64_t time_ns, ExchangeSink& sink) {
  if (over_ || pos > kMaxPos) return;
  Stream& own = stream(direction);
  if (pos > own.moved) {
    own.moved = pos;
    own.last_ns = time_ns;
  }
  // Bytes that read like the end were the last, and nothing has followed.
  if (role_known_ && direction != request_direction_ && looks_ended() && pos == end_due()) finish(Outcome::Answered, own.last_ns, true, sink);
}

/// Where the answer ends if what was seen of its end is right; 0: nothing was.
std::uint64_t Session::end_due() const {
  if (answer_ == Answer::Unseen) return answer_end_;
  const RecordReader& records = responses().records;
  const bool ending = answer_ == Answer::Records && records.header().type == RecordType::EndRequest && records.content_left() > 0;
  return ending ? responses().next + records.content_left() : 0;
}

/// The kernel sheds no FastCGI; a recording may say so all the same. Nothing is known of what was due.
void Session::after_shed(Direction, std::uint64_t, std::uint64_t, ExchangeSink& sink) {
  if (!over_) hole(sink);
}

void Session::bytes(Direction direction, BytesKind kind, std::uint64_t pos, std::span<const std::byte> data,
                    const Operation& operation, ExchangeSink& sink) {
  Piece piece(pos, {reinterpret_cast<const char*>(data.data()), data.size()}, kind == BytesKind::Start, kind == BytesKind::Tail, operation,
              segments_of_piece());
  if (!over_ && pos <= kMaxPos) {
    Stream& own = stream(direction);
    if (piece.pos() < own.next)  // a send that moved less than it tried comes again
      piece.take(static_cast<std::size_t>(std::min<std::uint64_t>(piece.left().size(), own.next - piece.pos())), PieceClass::Unknown);
    if (!role_known_ && piece.start()) {
      const std::string_view begin = piece.left();
      role_known_ = begin.size() < 2 || begin[1] == static_cast<char>(RecordType::BeginRequest);
      request_direction_ = direction;
    }
    if (!piece.empty() && role_known_) {
      if (direction == request_direction_) request_bytes(piece, sink);
      else response_bytes(piece, sink);
    }
  }
  counters_->bytes_ignored.add(piece.left().size());
  piece.take(piece.left().size(), PieceClass::Unknown);
}

void Session::request_bytes(Piece& piece, ExchangeSink& sink) {
  Stream& own = requests();
  if (head_ && piece.pos() > own.next) {
    counters_->holes.add();
    counters_->requests_ignored.add();
    head_.reset();
  }
  if (!head_) {
    if (!piece.start() || !may_begin(piece, sink)) {
      if (!over_) take(own, piece, piece.left().size(), PieceClass::Body);
      return;
    }
    head_.emplace();
    head_->message = begin_message(piece.pos(), piece.operation());
    own.next = piece.pos();
    own.records.restart();
  }
  read_head(piece, sink);
}

/// Whether what begins here is a request. If so nothing is pending any more.
bool Session::may_begin(const Piece& piece, ExchangeSink& sink) {
  if (!pending_) return true;
  if (piece.pos() < request_end_) return false;  // in the body of the one before
  if (answered_unseen()) {
    hole(sink);
    return true;
  }
  if (end_unseen()) {  // whoever sends one request at a time has all of the answer
    finish(Outcome::Answered, responses().last_ns, true, sink);
    return true;
  }
  abandon(sink);  // it did not wait
  return false;
}

/// Whether a record that begins now may stand in the head.
bool Session::head_record(const RecordHeader& record) const {
  if (head_->id == 0) return record.type == RecordType::BeginRequest && record.content == kBodyBytes && record.id != 0;
  return record.type == RecordType::Params && record.id == head_->id && head_->begin_bytes == kBodyBytes;
}

void Session::read_head(Piece& piece, ExchangeSink& sink) {
  Stream& own = requests();
  while (!piece.empty()) {
    const std::uint64_t size = own.next - head_->message.begin_pos;
    if (size >= SUTURE_HEAD_MAX) return begin_exchange(true, sink);
    const std::string_view bytes = piece.left().substr(0, SUTURE_HEAD_MAX - size);
    const RecordReader::Step step = own.records.step(bytes);
    const std::string_view run = bytes.substr(0, step.taken);
    const bool params = head_->begin_bytes == kBodyBytes;
    switch (step.what) {
      case RecordReader::What::Bad: return abandon(sink);
      case RecordReader::What::More: take(own, piece, step.taken, PieceClass::Frame); break;
      case RecordReader::What::Padding: take(own, piece, step.taken, PieceClass::Body); break;
      case RecordReader::What::Header: {
        const RecordHeader& record = own.records.header();
        if (!head_record(record)) return abandon(sink);
        head_->id = record.id;
        take(own, piece, step.taken, PieceClass::Frame);
        if (record.type == RecordType::Params && record.content == 0) return begin_exchange(false, sink);
        break;
      }
      case RecordReader::What::Content:
        take(own, piece, step.taken, params ? PieceClass::Params : PieceClass::Frame);
        if (params) {
          if (head_->params.empty()) head_->params.reserve(kParamsReserve);
          head_->params.append(run);
        } else {
          std::copy(run.begin(), run.end(), head_->begin.begin() + head_->begin_bytes);
          head_->begin_bytes = static_cast<std::uint8_t>(head_->begin_bytes + run.size());
          if (head_->begin_bytes == kBodyBytes && (head_->begin[0] != 0 || head_->begin[1] != kResponder)) return abandon(sink);
        }
        break;
    }
  }
  if (own.next - head_->message.begin_pos >= SUTURE_HEAD_MAX) begin_exchange(true, sink);
}

void Session::begin_exchange(bool truncated, ExchangeSink& sink) {
  RequestHead head = std::move(*head_);
  head_.reset();
  HttpRequest request;
  request.head = std::move(head.params);
  std::optional<std::uint64_t> content;
  if (!parse_params(request, truncated, content)) return counters_->heads_invalid.add();
  counters_->requests.add();
  if (request.suspicious) counters_->suspicious.add();
  if (truncated) counters_->heads_truncated.add();
  request.body_bytes = content;
  // The body's records, and the empty one after it.
  const std::uint64_t body = std::min(content.value_or(0), kMaxPos);
  request_end_ = requests().next + (body > 0 ? body + kHeaderBytes : 0) + kHeaderBytes;
  id_ = head.id;
  reply_ = ReplyHead();
  answer_ = Answer::None;
  answer_bytes_ = answer_end_ = 0;
  responses().next = responses().moved;
  responses().records.restart();

  Exchange& exchange = pending_.emplace();
  exchange.connection = connection_;
  exchange.request_direction = request_direction_;
  exchange.request = head.message;
  http().request = std::move(request);
  sink.on_request(connection_, request_direction_, exchange.request, http().request);
}

void Session::response_bytes(Piece& piece, ExchangeSink& sink) {
  Stream& own = responses();
  if (!pending_) {
    if (piece.start()) counters_->responses_without_request.add();
    return take(own, piece, piece.left().size(), PieceClass::Unknown);
  }
  if (answer_ == Answer::None) {
    if (piece.pos() > own.next) {  // how it begins was not seen
      hole(sink);
      return take(own, piece, piece.left().size(), PieceClass::Unknown);
    }
    counters_->responses.add();
    pending_->response = begin_message(piece.pos(), piece.operation());
    pending_->request.end_ns = requests().last_ns;
    answer_ = Answer::Records;
  }
  if (answer_ == Answer::Records && piece.pos() > own.next) {
    const std::optional<std::uint64_t> content = own.records.skip(piece.pos() - own.next);
    const bool output = own.records.header().type == RecordType::Stdout;
    if (!content || (output && *content > 0 && !reply_.complete())) lose_answer();
    else if (output) answer_bytes_ += *content;
  }
  if (answer_ == Answer::Records) read_answer(piece, sink);
  if (answer_ == Answer::Unseen) read_unseen(piece);
}

void Session::lose_answer() {
  answer_ = Answer::Unseen;
  answer_end_ = 0;
}

void Session::read_answer(Piece& piece, ExchangeSink& sink) {
  Stream& own = responses();
  while (!piece.empty() && pending_ && !over_) {
    const RecordReader::Step step = own.records.step(piece.left());
    switch (step.what) {
      case RecordReader::What::Bad: return abandon(sink);
      case RecordReader::What::More: take(own, piece, step.taken, PieceClass::Frame); break;
      case RecordReader::What::Padding: take(own, piece, step.taken, PieceClass::Body); break;
      case RecordReader::What::Header: {
        const RecordHeader& record = own.records.header();
        const bool end = record.type == RecordType::EndRequest;
        const bool output = record.type == RecordType::Stdout || record.type == RecordType::Stderr;
        if (record.id != id_ || !(output || (end && record.content == kBodyBytes))) return abandon(sink);
        take(own, piece, step.taken, PieceClass::Frame);
        break;
      }
      case RecordReader::What::Content: read_content(piece, step.taken, sink); break;
    }
  }
}

void Session::read_content(Piece& piece, std::size_t count, ExchangeSink& sink) {
  Stream& own = responses();
  const RecordType type = own.records.header().type;
  if (type == RecordType::EndRequest) {
    take(own, piece, count, PieceClass::Frame);
    if (own.records.content_left() == 0) finish(Outcome::Answered, piece.operation().time_ns, true, sink);
    return;
  }
  const std::size_t fields = type == RecordType::Stdout ? reply_.feed(piece.left().substr(0, count)) : 0;
  take(own, piece, fields, PieceClass::Fields);
  take(own, piece, count - fields, PieceClass::Body);
  if (type == RecordType::Stdout) answer_bytes_ += count - fields;
}

void Session::read_unseen(Piece& piece) {
  const bool ended = piece.untouched_tail() && is_end(piece.left(), id_);
  const std::size_t to_come = ended ? kHeaderBytes + kBodyBytes - piece.left().size() : 0;
  take(responses(), piece, piece.left().size(), ended ? PieceClass::Frame : PieceClass::Body);
  answer_end_ = ended ? responses().next + to_come : 0;
}

void Session::finish(Outcome outcome, std::uint64_t end_ns, bool confirmed, ExchangeSink& sink) {
  Exchange exchange = std::move(*std::exchange(pending_, std::nullopt));
  HttpExchange& http = std::get<HttpExchange>(exchange.detail);
  const bool followed = answer_ == Answer::Records && responses().moved <= responses().next;
  exchange.outcome = outcome;
  exchange.end_confirmed = confirmed;
  exchange.response.end_ns = end_ns;
  if (exchange.request.end_ns == 0) exchange.request.end_ns = requests().last_ns;
  if (answer_ != Answer::None) {
    http.response.status = reply_.status();
    http.response.truncated = !reply_.complete() && !followed;
    if (outcome == Outcome::Answered && followed) http.response.body_bytes = answer_bytes_;
  }
  if (outcome != Outcome::Answered) http.request.body_bytes.reset();  // it may not have come to its end
  answer_ = Answer::None;
  counters_->exchanges.add();
  if (!confirmed) counters_->ends_unconfirmed.add();
  sink.on_exchange(std::move(exchange));
}

void Session::drop(Counter& reason, ExchangeSink& sink) {
  head_.reset();
  if (!pending_) return;
  const std::uint64_t begin_pos = std::exchange(pending_, std::nullopt)->request.begin_pos;
  answer_ = Answer::None;
  reason.add();
  sink.on_dropped(connection_, begin_pos);
}

/// Bytes that may have begun an answer were not seen.
void Session::hole(ExchangeSink& sink) {
  counters_->holes.add();
  drop(counters_->dropped_hole, sink);
}

/// Not one request at a time, or nothing that we know.
void Session::abandon(ExchangeSink& sink) {
  counters_->abandoned.add();
  over_ = true;
  drop(counters_->dropped_invalid, sink);
}

std::size_t Session::heap_bytes() const {
  return segment_bytes() + (head_ ? head_->params.capacity() : 0) + (pending_ ? http().request.head.capacity() : 0);
}

}  // namespace suture::fastcgi

// Reads recordings: see recording_reader.h. The file may come from anywhere; nothing in it is trusted.
#include "recording/recording_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "recording/event_codec.h"
#include "recording/recording.pb.h"

namespace suture {
namespace {

namespace v1 = recording::v1;

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kVarintMax = 10;  // bytes of a 64-bit varint

ClockAnchor decode(const v1::Anchor& in) { return {in.monotonic_ns(), in.unix_ns()}; }

RecordingHeader decode(const v1::Header& in) {
  RecordingHeader out;
  out.version = in.version();
  std::copy_n(in.id_seed().begin(), std::min(in.id_seed().size(), out.id_seed.bytes.size()), out.id_seed.bytes.begin());
  out.redacted = in.redacted();
  out.kernel = in.kernel();
  out.hooks.assign(in.hooks().begin(), in.hooks().end());
  out.start = decode(in.start());
  out.host = {in.host().name(), in.host().id(), in.host().arch(), in.host().boot_unix_ns()};
  return out;
}

/// Fields of a newer suture, in the record or in the message it holds.
bool has_unknown_fields(const v1::Record& record) {
  switch (record.kind_case()) {
    case v1::Record::kHeader: return !record.header().unknown_fields().empty();
    case v1::Record::kData: return !record.data().unknown_fields().empty();
    case v1::Record::kConnection: return !record.connection().unknown_fields().empty();
    case v1::Record::kExec: return !record.exec().unknown_fields().empty();
    case v1::Record::kFork: return !record.fork().unknown_fields().empty();
    case v1::Record::kExit: return !record.exit().unknown_fields().empty();
    case v1::Record::kFacts: return !record.facts().unknown_fields().empty();
    case v1::Record::kAnchor: return !record.anchor().unknown_fields().empty();
    case v1::Record::kTick: return !record.tick().unknown_fields().empty();
    case v1::Record::kCounters: return !record.counters().unknown_fields().empty();
    case v1::Record::kWitness: return !record.witness().unknown_fields().empty();
    case v1::Record::kWake: return !record.wake().unknown_fields().empty();
    case v1::Record::kThreadExit: return !record.thread_exit().unknown_fields().empty();
    case v1::Record::kTrace: return !record.trace().unknown_fields().empty();
    case v1::Record::KIND_NOT_SET: return false;
  }
  return false;
}

}  // namespace

/// Reused from record to record, as its strings keep their memory.
struct RecordingReader::Scratch {
  v1::Record record;
  EventBuffer event;
};

RecordingReader::RecordingReader(Fd fd, std::string bytes)
    : fd_(std::move(fd)), buffer_(std::move(bytes)), scratch_(std::make_unique<Scratch>()) {}
RecordingReader::RecordingReader(RecordingReader&&) noexcept = default;
RecordingReader::~RecordingReader() = default;

Result<RecordingReader> RecordingReader::open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return Error{"recording " + path + ": cannot be opened (" + std::strerror(errno) + ")."};
  RecordingReader reader(std::move(fd), {});
  if (Status status = reader.read_header(); !status) return Error{"recording " + path + ": " + status.error()};
  return reader;
}

Result<RecordingReader> RecordingReader::from_bytes(std::string bytes) {
  RecordingReader reader(Fd(), std::move(bytes));
  if (Status status = reader.read_header(); !status) return Error{"recording: " + status.error()};
  return reader;
}

Status RecordingReader::read_header() {
  if (!fill(kRecordingMagic.size()) || buffer_.compare(0, kRecordingMagic.size(), kRecordingMagic) != 0)
    return Error{"is none; a recording begins with \"suture recording\". Make one with 'suture record FILE'."};
  begin_ = offset_ = kRecordingMagic.size();
  std::span<const char> payload;
  v1::Record& record = scratch_->record;
  const bool parsed = next_payload(payload) && record.ParseFromArray(payload.data(), static_cast<int>(payload.size()));
  if (!parsed || !record.has_header())
    return Error{"is broken in its first record; nothing after it can be understood."};
  header_ = decode(record.header());
  if (has_unknown_fields(record)) ++counters_.unknown_fields;
  return Nothing{};
}

bool RecordingReader::next(RecordingVisitor& visitor) {
  for (std::span<const char> payload; next_payload(payload);) {
    v1::Record& record = scratch_->record;
    if (!record.ParseFromArray(payload.data(), static_cast<int>(payload.size())) || record.has_header()) {
      ++counters_.bad_records;
    } else if (record.kind_case() == v1::Record::KIND_NOT_SET) {
      ++counters_.unknown_records;
    } else {
      const std::uint64_t bad = counters_.bad_records;
      if (has_unknown_fields(record)) ++counters_.unknown_fields;
      deliver(visitor);
      if (counters_.bad_records == bad) return true;
    }
  }
  return false;
}

void RecordingReader::deliver(RecordingVisitor& visitor) {
  const v1::Record& record = scratch_->record;
  ++counters_.records;
  switch (record.kind_case()) {
    case v1::Record::kFacts: {
      const ProcessKey key{record.facts().process().tgid(), record.facts().process().start_ns()};
      return visitor.on_facts(key, decode_facts(record.facts()));
    }
    case v1::Record::kAnchor: return visitor.on_anchor(decode(record.anchor()));
    case v1::Record::kTick: return visitor.on_tick(record.tick().time_ns());
    case v1::Record::kCounters: {
      CounterSnapshot snapshot;
      for (const auto& counter : record.counters().counters()) snapshot.emplace_back(counter.name(), counter.value());
      return visitor.on_counters(snapshot);
    }
    default: break;
  }
  if (decode_event(record, scratch_->event)) return visitor.on_record(scratch_->event.view());
  --counters_.records;
  ++counters_.bad_records;
}

/// The bytes of the next record; they stay where they are until the next call.
bool RecordingReader::next_payload(std::span<const char>& payload) {
  if (broken_end_ || !fill(1)) return false;
  fill(kVarintMax);
  std::uint64_t size = 0;
  std::size_t length = 0;
  for (int shift = 0;; shift += 7) {
    if (begin_ + length == buffer_.size()) return end_broken("the last record is cut");
    if (length == kVarintMax) return end_broken("a record has no length that makes sense");
    const auto byte = static_cast<std::uint8_t>(buffer_[begin_ + length++]);
    size |= std::uint64_t{byte & 0x7fu} << shift;
    if ((byte & 0x80) == 0) break;
  }
  if (size > kRecordBytesMax) return end_broken("a record has no length that makes sense");
  if (!fill(length + size)) return end_broken("the last record is cut");
  payload = {buffer_.data() + begin_ + length, size};
  begin_ += length + size;
  offset_ += length + size;
  return true;
}

bool RecordingReader::end_broken(const std::string& what) {
  if (broken_end_) return false;  // the first reason is the one
  broken_end_ = "recording: " + what + " at byte " + std::to_string(offset_) + "; all before it was used.";
  return false;
}

/// Makes `need` unused bytes available, if the file has them.
bool RecordingReader::fill(std::size_t need) {
  while (buffer_.size() - begin_ < need && fd_.valid()) {
    buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t had = buffer_.size();
    buffer_.resize(had + std::max(kReadBytes, need));
    const ssize_t n = ::read(fd_.get(), buffer_.data() + had, buffer_.size() - had);
    buffer_.resize(had + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) end_broken(std::string("reading failed (") + std::strerror(errno) + ")");
    if (n <= 0) fd_.reset();
  }
  return buffer_.size() - begin_ >= need;
}

}  // namespace suture

// Appends records to a file: see recording_writer.h.
#include "recording/recording_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "recording/event_codec.h"
#include "recording/recording.pb.h"

namespace suture {
namespace {

namespace v1 = recording::v1;

constexpr std::size_t kBufferBytes = 64 * 1024;  // some 200 records: one system call for a drain of the ring

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

void encode(const ClockAnchor& in, v1::Anchor& out) {
  out.set_monotonic_ns(in.monotonic_ns);
  out.set_unix_ns(in.unix_ns);
}

void encode(const RecordingHeader& in, v1::Header& out) {
  out.set_version(in.version);
  out.set_id_seed(in.id_seed.bytes.data(), in.id_seed.bytes.size());
  out.set_redacted(in.redacted);
  out.set_kernel(in.kernel);
  for (const std::string& hook : in.hooks) out.add_hooks(hook);
  encode(in.start, *out.mutable_start());
  out.mutable_host()->set_name(in.host.name);
  out.mutable_host()->set_id(in.host.id);
  out.mutable_host()->set_arch(in.host.arch);
  out.mutable_host()->set_boot_unix_ns(in.host.boot_unix_ns);
}

}  // namespace

Result<RecordingWriter> RecordingWriter::create(const std::string& path, const RecordingHeader& header) {
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd.valid())
    return Error{"recording " + path + ": cannot be created (" + std::strerror(errno) +
                 "). Name a file in a directory that exists and that this user may write to."};
  return RecordingWriter(std::move(fd), header);
}

RecordingWriter::RecordingWriter(Fd fd, const RecordingHeader& header)
    : fd_(std::move(fd)), record_(std::make_unique<v1::Record>()), counters_(std::make_unique<Counters>()) {
  buffer_ = kRecordingMagic;
  encode(header, *record_->mutable_header());
  append();
}

RecordingWriter::RecordingWriter(RecordingWriter&&) noexcept = default;

RecordingWriter::~RecordingWriter() {
  if (fd_.valid()) flush();
}

void RecordingWriter::write_event(std::span<const std::byte> event) {
  if (!encode_event(event, *record_)) return counters_->refused.add();
  append();
}

void RecordingWriter::write_facts(const ProcessKey& key, const ProcessFacts& facts) {
  record_->Clear();
  encode_facts(key, facts, *record_->mutable_facts());
  append();
}

void RecordingWriter::write_anchor(const ClockAnchor& anchor) {
  encode(anchor, *record_->mutable_anchor());
  append();
}

void RecordingWriter::write_tick(std::uint64_t monotonic_ns) {
  record_->mutable_tick()->set_time_ns(monotonic_ns);
  append();
}

void RecordingWriter::write_counters(const CounterSnapshot& counters) {
  record_->mutable_counters()->clear_counters();
  for (const auto& [name, value] : counters) {
    v1::Counters::Counter& counter = *record_->mutable_counters()->add_counters();
    counter.set_name(name);
    counter.set_value(value);
  }
  append();
}

void RecordingWriter::append() {
  const std::size_t size = record_->ByteSizeLong();
  if (failed_ || size > kRecordBytesMax) return counters_->dropped.add();
  append_varint(buffer_, size);
  const std::size_t begin = buffer_.size();
  buffer_.resize(begin + size);
  record_->SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(buffer_.data() + begin));
  counters_->records.add();
  if (buffer_.size() >= kBufferBytes) flush();
}

void RecordingWriter::flush() {
  std::size_t written = 0;
  while (!failed_ && written < buffer_.size()) {
    const ssize_t n = ::write(fd_.get(), buffer_.data() + written, buffer_.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      failed_ = true;
      complaint_ = std::string("recording: write failed (") + std::strerror(errno) +
                   "). The file ends here; tracing goes on. Make room on the disk and record anew.";
      break;
    }
    written += static_cast<std::size_t>(n);
  }
  counters_->bytes.add(written);
  buffer_.clear();
}

std::optional<std::string> RecordingWriter::take_complaint() {
  if (complaint_.empty()) return std::nullopt;
  return std::exchange(complaint_, {});
}

}  // namespace suture

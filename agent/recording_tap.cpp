#include "recording_tap.h"

#include <sys/utsname.h>

#include <spdlog/spdlog.h>


namespace suture {

Result<std::unique_ptr<RecordingTap>> RecordingTap::open(const std::string& path, bool raw, const HostFacts& host, std::string_view hooks) {
  if (path.empty()) return std::unique_ptr<RecordingTap>();
  RecordingHeader header;
  header.version = SUTURE_VERSION;
  header.id_seed = random_id_key();
  header.redacted = !raw;
  utsname names{};
  if (::uname(&names) == 0) header.kernel = names.release;
  header.hooks = {"socket io=" + std::string(hooks)};
  header.start = sample_clock_anchor();
  header.host = host;
  Result<RecordingWriter> writer = RecordingWriter::create(path, header);
  if (!writer) return Error{writer.error()};
  if (raw) spdlog::warn("recording {} is not redacted: it holds header values, queries and bodies of all traffic", path);
  return std::unique_ptr<RecordingTap>(
      new RecordingTap(std::move(writer).value(), raw ? Recorder::Privacy::Raw : Recorder::Privacy::Redacted));
}

void RecordingTap::on_tick(std::uint64_t now_ns) {
  recorder_.on_tick(now_ns);
  if (const auto complaint = recorder_.writer().take_complaint()) spdlog::warn("{}", *complaint);
}

void RecordingTap::on_counters(const KernelCounters& counters) {
  CounterSnapshot snapshot;
  for (int i = 0; i < KERNEL_COUNTERS; ++i) snapshot.emplace_back(name_of(static_cast<kernel_counter>(i)), counters.count[i]);
  recorder_.on_counters(snapshot);
  recorder_.writer().flush();
}

}  // namespace suture

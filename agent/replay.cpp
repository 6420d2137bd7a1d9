#include "replay.h"

#include <chrono>
#include <cstdio>
#include <thread>

#include <spdlog/spdlog.h>

#include "ledger.h"
#include "recording/recording_reader.h"

namespace suture {
namespace {

constexpr std::chrono::milliseconds kOutputDeadline{60'000};  // nobody waits for a signal here: all of it must come out

// A sink never holds up the pipeline, but drops what does not fit: a replay, which is faster than any sink, waits for it.
constexpr std::uint64_t kWaitingSpans = 8'192;
constexpr int kRecordsBetweenLooks = 1'024;

void wait_for_room(const Batcher& batcher) {
  for (const auto& sink : batcher.sinks())
    while (sink->ledger().waiting > kWaitingSpans) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

/// Plays records into a pipeline.
class Player final : public RecordingVisitor {
 public:
  Player(Pipeline& pipeline, ProcessTable& processes) : pipeline_(pipeline), processes_(processes) {}
  void on_record(std::span<const std::byte> record) override { pipeline_.on_record(record); }
  void on_facts(const ProcessKey& key, ProcessFacts&& facts) override { processes_.learn(key, std::move(facts)); }
  void on_anchor(const ClockAnchor& anchor) override { pipeline_.set_anchor(anchor); }
  void on_tick(std::uint64_t now_ns) override { pipeline_.tick(now_ns); }

 private:
  Pipeline& pipeline_;
  ProcessTable& processes_;
};

}  // namespace

Status run_replay(const ReplayOptions& options) {
  Result<RecordingReader> opened = RecordingReader::open(options.path);
  if (!opened) return Error{opened.error()};
  RecordingReader& reader = *opened;
  Result<std::vector<std::unique_ptr<SpanSink>>> sinks = make_sinks(options.exports);
  if (!sinks) return Error{sinks.error()};

  PipelineOptions pipeline_options = options.pipeline;
  pipeline_options.id_key = reader.header().id_seed;
  SeededIdSource ids(reader.header().id_seed);
  ProcessTable processes(reader.header().host, nullptr);
  Batcher batcher(std::move(sinks).value(), processes);
  Pipeline pipeline(pipeline_options, ids, processes, batcher, nullptr, nullptr, nullptr);
  pipeline.set_anchor(reader.header().start);
  Player player(pipeline, processes);
  for (int records = 1; reader.next(player); ++records)
    if (records % kRecordsBetweenLooks == 0) wait_for_room(batcher);
  pipeline.finish();
  batcher.flush(kOutputDeadline);
  options.at_end(pipeline);

  if (reader.broken_end()) spdlog::warn("{}", *reader.broken_end());
  const RecordingReader::Counters& c = reader.counters();
  if (c.unknown_records || c.unknown_fields || c.bad_records)
    spdlog::warn("{} records of a newer suture and {} broken ones were skipped, {} were used in part", c.unknown_records, c.bad_records,
                 c.unknown_fields);
  if (!options.quiet) std::fputs(Ledger::of(nullptr, pipeline, batcher, processes).to_text().c_str(), stderr);
  return Nothing{};
}

}  // namespace suture

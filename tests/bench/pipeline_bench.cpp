// What a span costs in user space, from the event in the ring to the compressed OTLP request: the records of keep-alive
// connections of which both ends are seen (four records, two spans a request) go through a whole Pipeline into an encoder.

#include <benchmark/benchmark.h>

#include <cstring>
#include <string>
#include <vector>

#include "export/otlp/request_encoder.h"
#include "pipeline.h"

namespace suture {
namespace {

constexpr std::uint32_t kConnections = 64, kRequests = 20'000;
constexpr std::uint64_t kStepNs = 5'000;
constexpr std::string_view kRequest =
    "GET /r/12345 HTTP/1.1\r\nHost: 127.0.0.1:18190\r\nAccept: */*\r\nUser-Agent: bench-client/1.0 (x86_64)\r\n"
    "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n";
constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Sat, 21 Nov 2026 10:00:00 GMT\r\nContent-Type: text/plain\r\n"
    "Content-Length: 33\r\nConnection: keep-alive\r\n\r\nhello world, this is a small body";

/// Encodes on the spot and forgets.
class EncodingSink final : public SpanSink {
 public:
  std::string_view name() const override { return "encoder"; }
  void send(Batch batch) override {
    spans += batch.span_count;
    bytes += encoder_.encode(batch).size();
  }
  void flush(std::chrono::milliseconds) override {}
  DeliveryLedger ledger() const override { return {}; }
  std::uint64_t spans = 0, bytes = 0;

 private:
  RequestEncoder encoder_{OtlpProtocol::HttpProtobuf, true};
};

/// Records as the ring holds them: aligned to 8, one behind the other.
class Tape {
 public:
  template <typename Event>
  void add(Event event, std::string_view data = {}) {
    const std::size_t size = sizeof(Event) + data.size();
    event.header.size = static_cast<std::uint32_t>(size);
    const std::size_t at = words_.size();
    words_.resize(at + (size + 7) / 8);
    std::memcpy(&words_[at], &event, sizeof(Event));
    if (!data.empty()) std::memcpy(reinterpret_cast<char*>(&words_[at]) + sizeof(Event), data.data(), data.size());
    records_.emplace_back(at, size);
  }
  template <typename Sink>
  void play(Sink&& sink) const {
    for (const auto& [at, size] : records_) sink(RecordView(reinterpret_cast<const std::byte*>(&words_[at]), size));
  }

 private:
  std::vector<std::uint64_t> words_;
  std::vector<std::pair<std::size_t, std::size_t>> records_;
};

struct End {
  std::uint64_t id;
  std::uint32_t tgid, isn_own, isn_peer;
  std::uint32_t end_seq[2];
  std::uint64_t last_ns[2] = {0, 0};
};

event_connection opened(const End& end, std::uint8_t role, std::uint64_t now) {
  event_connection event{};
  event.header.type = EVENT_CONNECTION;
  event.header.time_ns = now;
  event.connection = end.id;
  event.tgid = end.tgid;
  event.process_start_ns = 1;
  event.isn_own = end.isn_own;
  event.isn_peer = end.isn_peer;
  event.end_seq[DIRECTION_RECEIVE] = end.isn_peer + 1;
  event.end_seq[DIRECTION_SEND] = end.isn_own + 1;
  event.family = 2;
  event.local_address[0] = event.remote_address[0] = 127;
  event.local_address[3] = event.remote_address[3] = 1;
  event.local_port = role == ROLE_CLIENT ? 40'000 : 80;
  event.remote_port = role == ROLE_CLIENT ? 80 : 40'000;
  event.what = CONNECTION_OPEN;
  event.role = role;
  event.verdict = VERDICT_HTTP;
  event.have_isn = 1;
  return event;
}

void move(Tape& tape, End& end, std::uint8_t direction, std::string_view text, std::uint64_t now) {
  event_data event{};
  event.header.type = EVENT_DATA;
  event.header.flags = direction == DIRECTION_RECEIVE ? DATA_EXACT : 0;
  event.header.time_ns = now;
  event.connection = end.id;
  event.process_start_ns = 1;
  event.tgid = event.tid = end.tgid;
  std::memcpy(event.last_ns, end.last_ns, sizeof(event.last_ns));
  std::memcpy(event.end_seq, end.end_seq, sizeof(event.end_seq));
  event.seq = end.end_seq[direction];
  event.call_bytes = static_cast<std::uint32_t>(text.size());
  event.data_bytes = static_cast<std::uint16_t>(text.size());
  event.direction = direction;
  event.kind = DATA_START;
  tape.add(event, text);
  end.last_ns[direction] = now;
  end.end_seq[direction] += static_cast<std::uint32_t>(text.size());
}

Tape make_tape() {
  Tape tape;
  std::uint64_t now = 1'000'000'000;
  std::vector<std::pair<End, End>> connections;
  for (std::uint32_t i = 0; i < kConnections; ++i) {
    const std::uint32_t a = 1000 * i + 7, b = 5000 * i + 9;
    End client{2 * i + 1, 100, a, b, {b + 1, a + 1}}, server{2 * i + 2, 200, b, a, {a + 1, b + 1}};
    tape.add(opened(client, ROLE_CLIENT, now));
    tape.add(opened(server, ROLE_SERVER, now));
    connections.emplace_back(client, server);
  }
  for (std::uint32_t i = 0; i < kRequests; ++i) {
    auto& [client, server] = connections[i % kConnections];
    move(tape, client, DIRECTION_SEND, kRequest, now += kStepNs);
    move(tape, server, DIRECTION_RECEIVE, kRequest, now += kStepNs);
    move(tape, server, DIRECTION_SEND, kResponse, now += kStepNs);
    move(tape, client, DIRECTION_RECEIVE, kResponse, now += kStepNs);
  }
  return tape;
}

void RingToOtlp(benchmark::State& state) {
  const Tape tape = make_tape();
  std::uint64_t spans = 0, bytes = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto owned = std::make_unique<EncodingSink>();
    EncodingSink& sink = *owned;
    std::vector<std::unique_ptr<SpanSink>> sinks;
    sinks.push_back(std::move(owned));
    RandomIdSource ids;
    ProcessTable processes({}, nullptr);
    Batcher batcher(std::move(sinks), processes);
    PipelineOptions options;
    options.sampling.sampler.parent_based = false;  // the tape's requests are not sampled, or they would seem an SDK's
    options.sampling.budget.spans_per_second = 0;   // and its time runs faster than a host's
    Pipeline pipeline(options, ids, processes, batcher, nullptr, nullptr, nullptr);
    state.ResumeTiming();
    tape.play([&](RecordView record) { pipeline.on_record(record); });
    pipeline.finish();
    batcher.flush(std::chrono::milliseconds(0));
    state.PauseTiming();
    spans += sink.spans;
    bytes += sink.bytes;
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(spans));
  state.counters["wire_bytes_per_span"] = static_cast<double>(bytes) / static_cast<double>(spans ? spans : 1);
}
BENCHMARK(RingToOtlp)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace suture

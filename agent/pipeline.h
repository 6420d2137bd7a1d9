#pragma once
// Pipeline: the one place that knows the order of the stops: event -> Connection -> Stream -> Message -> Exchange -> Span ->
// Batch. Runs on the capture thread, live and in replays alike: what it does depends on the records and ticks it is given
// and on nothing else.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/counter.h"
#include "base/result.h"
#include "conn/traffic.h"
#include "conn/untraced.h"
#include "export/batcher.h"
#include "export/span_limits.h"
#include "flows.h"
#include "kernel/record_sink.h"
#include "link/linker.h"
#include "metrics/metrics.h"
#include "observed_processes.h"
#include "process/fresh_processes.h"
#include "process/process_table.h"
#include "propagation/report.h"
#include "proto/counters.h"
#include "proto/session.h"
#include "sampling/sampling.h"
#include "trace/joiner.h"
#include "trace/span_naming.h"
#include "trace/written_contexts.h"
#include "waiting_room.h"

namespace suture {

/// Sees every record after it went through, and every tick that was acted on: for recordings.
class PipelineTap {
 public:
  virtual ~PipelineTap() = default;
  /// `segments`: what the bytes of an event_data are; empty for other events and for bytes that nobody understood.
  virtual void on_record(RecordView record, std::span<const Segment> segments) = 0;
  virtual void on_tick(std::uint64_t now_ns) = 0;
  virtual void on_anchor(const ClockAnchor& anchor) = 0;
};

struct PipelineOptions {
  IdKey id_key;
  bool id_key_is_shared = false;  // with other hosts
  HttpSpanOptions http;
  ProbeRules probes;
  bool keep_probes = false;
  bool keep_intake = false;
  ContextOptions context;
  FilterRules filter;
  std::uint32_t command_parent = 0;  // != 0: only what processes forked by this one lead to is wanted
  NamingOptions naming;
  SamplingOptions sampling;
  SpanLimits limits;
  Joiner::Limits joiner;
  std::chrono::nanoseconds end_wait = std::chrono::seconds(5);  // for a response whose end may never be seen
  SpanPlacer::Options gateway;  // see set_gateway()
  NamedProcesses traced;        // whose requests are to carry contexts of ours
  std::size_t connections = 131'072;  // tracked at once; those beyond are counted and not followed
};

class Pipeline final : public RecordSink, private ExchangeSink, private LinkSink, private SpanReceiver {
 public:
  struct Counters {
    Counter received;            // records that came in
    Counter malformed;           // records of a size or type that is not known
    Counter unknown_connection;  // data of a connection whose opening was lost
    Counter connections_refused; // for want of room
    Counter connections_evicted; // idle ones, whose end was perhaps lost, for want of room
  };

  /// All references outlive the pipeline; the pointers may be null.
  Pipeline(PipelineOptions options, IdSource& ids, ProcessTable& processes, Batcher& batcher, KernelControl* kernel,
           PipelineTap* tap, EdgeSink* edges);
  ~Pipeline() override;

  void on_record(RecordView record) noexcept override;
  void set_anchor(const ClockAnchor& anchor);
  /// Finished spans are counted there, before anything is sampled. `metrics` outlives the pipeline.
  void count_in(Metrics& metrics);
  /// Tells the metrics of what is going on: requests that have not been answered.
  void observe();
  /// SDKs export to it; it outlives the pipeline.
  void set_gateway(ReportedSpans& gateway) { joiner_.set_gateway(options_.gateway, gateway); }
  /// Where agents of hosts that share the key of ids speak to each other; it outlives the pipeline.
  void set_edges(EdgeStore& store) { joiner_.join_other_hosts(&store); }
  /// Time passes, CLOCK_MONOTONIC. Acts at most every 50 ms of it.
  void tick(std::uint64_t now_ns);
  /// Nothing more will come: what is held leaves, and so do responses of which only the end was not seen.
  void finish();

  /// A message waits for an end that only a sweep can tell, or is about to be given up.
  bool wants_sweep() const { return flows_.wants_sweep(); }

  /// Wanted processes with connections of which none is HTTP/1, each told of once.
  std::vector<UntracedProcess> take_untraced(std::uint64_t now_ns);

  /// How the requests of this process are linked, for people. An error: nothing is known of it.
  Result<std::string> explain(std::uint32_t tgid);
  /// A line for each process that has sent or received requests.
  std::string explain_all();

  /// What services do with the trace context they receive, by route and peer.
  std::vector<PropagationRow> propagation_rows();
  /// The same for people, or for machines: not longer than `max_bytes`.
  std::string propagation_report(ReportForm form, std::size_t max_bytes);

  /// Spans that are made and wait, for those above them, for facts of their process or for the rest of their trace.
  std::size_t held() const { return joiner_.held() + waiting_room_.spans() + sampling_.held(); }

  const Counters& counters() const { return counters_; }
  const ExchangeCounters& http_counters() const { return http_counters_; }
  const WaitingRoom& waiting_room() const { return waiting_room_; }
  const Sampling& sampling() const { return sampling_; }
  const Joiner& joiner() const { return joiner_; }
  const Linker& linker() const { return linker_; }
  const Propagation& propagation() const { return propagation_; }
  const Traffic& traffic() const { return traffic_; }
  std::size_t connections() const { return flows_.size(); }

 private:
  /// Before sampling, when the process has its name.
  class Entrance final : public SpanReceiver {
   public:
    Entrance(const NamingOptions& naming, ResourceSource& resources, SpanReceiver& next) : naming_(naming), resources_(resources), next_(next) {}
    void count_in(Metrics& metrics) { metrics_ = &metrics; }
    void on_span(Span&& span) override;

   private:
    SpanNaming naming_;
    ResourceSource& resources_;
    SpanReceiver& next_;
    Metrics* metrics_ = nullptr;
  };

  /// After sampling: whoever looks at a metric's bucket is shown traces that are exported.
  class Exit final : public SpanReceiver {
   public:
    Exit(const SpanLimits& limits, Batcher& batcher) : limits_(limits), batcher_(batcher) {}
    void count_in(Metrics& metrics) { metrics_ = &metrics; }
    void on_span(Span&& span) override;

   private:
    const SpanLimits& limits_;
    Batcher& batcher_;
    Metrics* metrics_ = nullptr;
  };

  void on_data(const event_data& event, std::span<const std::byte> bytes);
  /// `paths`: the same event as that of a Unix socket that opens, or nullptr.
  void on_connection(const event_connection& event, const event_unix_connection* paths);
  void on_witness(const event_witness& event);
  void on_wake(const event_wake& event);
  void on_trace(const event_trace& event, std::string_view text);
  void bytes_on_wire(Flow& flow, const event_data& event, std::span<const std::byte> bytes, const Operation& operation);
  void take_segments(const Flow& flow, std::size_t offset);
  void trace_requests_of(const ProcessKey& process);
  void on_process(RecordView record, std::uint16_t type);
  void forget(const ProcessKey& process);
  void observe(const Flow& flow);
  void tell_progress(Flow& flow, const std::uint32_t (&end_seq)[2], const std::uint64_t (&last_ns)[2]);
  void look_at_watched(std::uint64_t now_ns);
  void expire_watched(std::uint64_t before_ns);
  void look_at_unix(std::uint64_t now_ns);
  void drop(Flow& flow);
  void request_over(const ProcessKey& process, NodeId node);
  bool make_room();
  std::optional<TraceContext> context_of_start(const ProcessKey& process);
  std::optional<EdgeTrace> carried_with(Flow& flow, std::uint64_t begin_pos) const;

  void on_request(std::uint64_t connection, Direction direction, const Message& request, const HttpRequest& head) override;
  void on_request(Direction direction, const Message& request, const HttpRequest& head, const event_trace* written);
  void on_exchange(Exchange&& exchange) override;
  void on_dropped(std::uint64_t connection, std::uint64_t request_begin_pos) override;
  void on_link(ExchangeId child, ExchangeId parent, const LinkVerdict& verdict) override;
  void on_unlinked(ExchangeId child, ExchangeId candidate) override;
  void on_released(const ProcessKey& process, ExchangeId inbound) override;
  void on_hands_over(const ProcessKey& process) override;
  void on_span(Span&& span) override;

  const PipelineOptions options_;
  ProcessTable& processes_;
  Batcher& batcher_;
  PipelineTap* const tap_;
  ObservedProcesses observed_;
  Metrics* metrics_ = nullptr;

  Counters counters_;
  ExchangeCounters http_counters_;
  Exit exit_;
  Sampling sampling_;
  Entrance entrance_;
  WaitingRoom waiting_room_;
  Joiner joiner_;
  Linker linker_;
  Propagation propagation_;
  Traffic traffic_;
  Untraced untraced_;
  std::vector<UntracedProcess> untraced_due_;                   // to be told of as soon as they have names
  FreshProcesses fresh_;
  Flows flows_;
  WrittenContexts written_;   // with what was sent from here
  WrittenContexts carried_;   // with what came
  std::vector<Segment> segments_;                        // of the record at hand
  Flow* current_ = nullptr;                                     // whose session is being called
  std::uint16_t flags_ = 0;                                     // of the event_data at hand
  std::uint64_t now_ns_ = 0;
  std::uint64_t last_tick_ns_ = 0;
  std::uint64_t last_look_ns_ = 0;   // at what is watched
  std::uint64_t last_unix_look_ns_ = 0;
};

}  // namespace suture

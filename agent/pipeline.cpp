#include "pipeline.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <map>

#include <fmt/format.h>

#include "link/explain.h"
#include "link/known_programs.h"

namespace suture {
namespace {

constexpr std::uint64_t kTickNs = 50'000'000;       // finer than any wait in the pipeline, coarse enough to cost nothing
constexpr std::uint64_t kLookNs = 200'000'000;      // as often as sweeps come: thousands of streams may be watched
constexpr std::uint64_t kUnixLookNs = 10'000'000'000;  // at those over Unix sockets

Direction direction_of(std::uint8_t wire) { return wire == DIRECTION_SEND ? Direction::Send : Direction::Receive; }

Session::End end_of(std::uint16_t error) {
  switch (error) {
    case ECONNRESET:
    case EPIPE:  // what the kernel makes of a reset after the peer's FIN (net/ipv4/tcp_input.c, tcp_reset)
      return Session::End::Reset;
    case ETIMEDOUT:
    case EHOSTUNREACH:
      return Session::End::TimedOut;
    default:
      return Session::End::Normal;
  }
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Pipeline::Pipeline(PipelineOptions options, IdSource& ids, ProcessTable& processes, Batcher& batcher, KernelControl* kernel,
                   PipelineTap* tap, EdgeSink* edges)
    : options_(std::move(options)), processes_(processes), batcher_(batcher), tap_(tap),
      observed_({options_.filter, options_.traced, options_.command_parent}, processes, kernel),
      exit_(options_.limits, batcher), sampling_(options_.sampling, processes, exit_), entrance_(options_.naming, processes, sampling_),
      waiting_room_(processes, entrance_, edges),
      joiner_(options_.id_key, ids, options_.http, options_.probes, options_.keep_probes, options_.keep_intake, *this),
      linker_(*this) {
  joiner_.set_limits(options_.joiner);
  joiner_.set_context(options_.context);
  if (options_.id_key_is_shared) joiner_.join_other_hosts(nullptr);
  if (options_.command_parent) joiner_.follow_command_only();
}

Pipeline::~Pipeline() = default;

void Pipeline::set_anchor(const ClockAnchor& anchor) {
  joiner_.set_anchor(anchor);
  processes_.advance(static_cast<std::uint64_t>(std::max<std::int64_t>(anchor.monotonic_ns, 0)));
  if (tap_) tap_->on_anchor(anchor);
}

void Pipeline::count_in(Metrics& metrics) {
  metrics_ = &metrics;
  entrance_.count_in(metrics);
  exit_.count_in(metrics);
}

void Pipeline::Entrance::on_span(Span&& span) {
  naming_.apply(span, resources_.resource_of(span.process).service_name());
  if (metrics_) metrics_->count(span);
  next_.on_span(std::move(span));
}

void Pipeline::Exit::on_span(Span&& span) {
  if (metrics_) metrics_->exemplify(span);
  limits_.apply(span);
  batcher_.add(std::move(span));
}

void Pipeline::observe() {
  flows_.for_each([this](const Flow& flow) {
    if (!flow.begun.empty()) observe(flow);
  });
}

void Pipeline::observe(const Flow& flow) {
  flow.session->for_each_open([&](const Exchange& exchange) {
    const auto same = [&](const Begun& begun) { return begun.trace.begin_pos == exchange.request.begin_pos; };
    const auto begun = std::find_if(flow.begun.begin(), flow.begun.end(), same);
    if (begun == flow.begun.end() || begun->trace.exclusion != Exclusion::None || processes_.awaits(exchange.request.process)) return;
    Span span;
    span.process = exchange.request.process;
    describe_http(exchange, flow.place.endpoints, options_.http, span);
    metrics_->observe_active(span);
  });
}

void Pipeline::on_record(RecordView record) noexcept {
  counters_.received.add();
  event_header header;
  if (record.size() < sizeof(header)) return counters_.malformed.add();
  std::memcpy(&header, record.data(), sizeof(header));
  if (header.time_ns > now_ns_) now_ns_ = header.time_ns;
  segments_.clear();
  if (header.flags & EVENT_AFTER_LOSS) linker_.on_events_lost(header.time_ns);

  if (header.type == EVENT_DATA && record.size() >= sizeof(event_data)) {
    const auto* event = reinterpret_cast<const event_data*>(record.data());
    if (record.size() >= sizeof(event_data) + event->data_bytes)
      on_data(*event, record.subspan(sizeof(event_data), event->data_bytes));
    else
      counters_.malformed.add();
  } else if (header.type == EVENT_CONNECTION && record.size() >= sizeof(event_connection)) {
    const auto* paths = record.size() >= sizeof(event_unix_connection) ? reinterpret_cast<const event_unix_connection*>(record.data()) : nullptr;
    on_connection(*reinterpret_cast<const event_connection*>(record.data()), paths);
  } else if (header.type == EVENT_WITNESS && record.size() >= offsetof(event_witness, value)) {
    const auto& event = *reinterpret_cast<const event_witness*>(record.data());
    if (record.size() >= offsetof(event_witness, value) + event.values * sizeof(event.value[0]))
      on_witness(event);
    else
      counters_.malformed.add();
  } else if (header.type == EVENT_WAKE && record.size() >= sizeof(event_wake)) {
    on_wake(*reinterpret_cast<const event_wake*>(record.data()));
  } else if (header.type == EVENT_TRACE && record.size() >= sizeof(event_trace)) {
    const auto text = record.subspan(sizeof(event_trace));
    on_trace(*reinterpret_cast<const event_trace*>(record.data()), {reinterpret_cast<const char*>(text.data()), text.size()});
  } else if (header.type == EVENT_THREAD_EXIT && record.size() >= sizeof(event_thread_exit)) {
    const auto& event = *reinterpret_cast<const event_thread_exit*>(record.data());
    linker_.on_thread_over(ProcessKey{event.tgid, event.process_start_ns}, event.tid, (header.flags & THREAD_GONE) != 0);
  } else {
    on_process(record, header.type);
  }
  if (tap_) tap_->on_record(record, segments_);
}

void Pipeline::on_data(const event_data& event, std::span<const std::byte> bytes) {
  Flow* const found = flows_.find(event.connection);
  if (!found) return counters_.unknown_connection.add();
  Flow& flow = *found;
  current_ = &flow;
  flow.heard_ns = now_ns_;
  flow.moved_ns = std::max(flow.moved_ns, event.header.time_ns);

  const Direction direction = direction_of(event.direction);
  flow.hear(as_text(bytes), http_counters_);
  tell_progress(flow, event.end_seq, event.last_ns);
  const Operation operation{event.header.time_ns, event.wait_ns, ProcessKey{event.tgid, event.process_start_ns}, event.tid};
  const std::uint64_t pos = flow.connection.position(event.direction, event.seq);
  if ((event.header.flags & DATA_AFTER_SHED) && event.kind == DATA_START)
    flow.session->after_shed(direction, pos, flow.connection.position(!event.direction, event.answers_seq), *this);
  if (event.kind == DATA_START && direction != flow.requests && !flow.begun.empty()) {
    const Begun& answered = flow.begun.front();
    if (direction == Direction::Send) linker_.on_response_begins(answered.process, answered.trace.node, event.tid, event.header.flags, event.header.time_ns);
    else linker_.on_response_read(answered.process, answered.trace.node, event.tid, (event.header.flags & DATA_NONBLOCKING) == 0, event.header.time_ns);
  }
  flags_ = event.header.flags;
  if (tap_) flow.session->keep_segments();
  bytes_on_wire(flow, event, bytes, operation);
  flows_.watch(flow);
  current_ = nullptr;
}

/// The bytes of an operation, and what our own programs have inserted among them.
void Pipeline::bytes_on_wire(Flow& flow, const event_data& event, std::span<const std::byte> bytes, const Operation& operation) {
  const Direction direction = direction_of(event.direction);
  const auto kind = event.kind == DATA_START  ? BytesKind::Start
                    : event.kind == DATA_TAIL ? BytesKind::Tail
                                              : BytesKind::Continue;
  std::uint64_t pos = flow.connection.position(event.direction, event.seq);
  WrittenContexts::Split split{.before = bytes.size()};
  if (direction == Direction::Send) split = written_.split(event.connection, event.seq, bytes.size(), event.call_bytes);
  const std::uint64_t call_end = pos + event.call_bytes + split.call_shift;
  if (split.before > 0) {
    flow.session->bytes(direction, kind, pos, bytes.first(split.before), operation, *this);
    take_segments(flow, 0);
    pos += split.before;
  }
  if (split.here) {
    const std::string text = written_.inserted_on(event.connection);
    flow.session->bytes(direction, BytesKind::Continue, pos, std::as_bytes(std::span(text)), operation, *this);
  }
  if (split.before < bytes.size()) {
    flow.session->bytes(direction, split.before > 0 ? BytesKind::Continue : kind, pos + split.shift, bytes.subspan(split.before), operation, *this);
    take_segments(flow, split.before);
  }
  if (event.call_bytes > event.data_bytes)
    flow.session->uncopied(direction, call_end, (event.header.flags & DATA_EXACT) != 0, operation, *this);
}

/// What the bytes from `offset` on of the record at hand are.
void Pipeline::take_segments(const Flow& flow, std::size_t offset) {
  if (tap_ == nullptr) return;
  for (Segment segment : flow.session->segments()) {
    segment.offset += static_cast<decltype(segment.offset)>(offset);
    segments_.push_back(segment);
  }
}

/// Where both directions stand. What moved before the agent looked has no time, and counts all the same.
void Pipeline::tell_progress(Flow& flow, const std::uint32_t (&end_seq)[2], const std::uint64_t (&last_ns)[2]) {
  for (std::uint8_t wire : {DIRECTION_RECEIVE, DIRECTION_SEND})
    flow.session->progress(direction_of(wire), flow.connection.position(wire, end_seq[wire]), last_ns[wire], *this);
}

void Pipeline::on_connection(const event_connection& event, const event_unix_connection* paths) {
  untraced_.on_connection(event);
  if (event.role == ROLE_SERVER) {
    const ProcessKey process{event.tgid, event.process_start_ns};
    fresh_.on_received(process);
    if (event.verdict == VERDICT_TLS || event.verdict == VERDICT_HTTP2) joiner_.on_unreadable(process);
  }
  Edge edge;
  if (traffic_.on_connection(event, edge)) waiting_room_.add(edge);

  Flow* const found = flows_.find(event.connection);
  if (event.what == CONNECTION_OPEN) {
    if (found) return;
    if (flows_.size() >= options_.connections && !make_room()) return counters_.connections_refused.add();
    flows_.add(event, paths, http_counters_);
    return;
  }
  if (event.what == CONNECTION_CLOSED) {
    written_.forget(event.connection);
    carried_.forget(event.connection);
  }
  if (!found) return;  // not HTTP, or its opening was lost

  Flow& flow = *found;
  current_ = &flow;
  flow.heard_ns = now_ns_;
  flow.place.in_doubt = !event.have_isn;
  flow.moved_ns = std::max({flow.moved_ns, event.last_ns[DIRECTION_RECEIVE], event.last_ns[DIRECTION_SEND]});
  flow.connection.update(event);
  tell_progress(flow, event.end_seq, event.last_ns);
  if (event.what == CONNECTION_CLOSING) flow.session->closing(event.header.time_ns, *this);
  if (event.what == CONNECTION_CLOSED) flow.session->closed(end_of(event.error), event.peer_closed != 0, event.header.time_ns, *this);
  flows_.watch(flow);
  current_ = nullptr;
  if (event.what == CONNECTION_CLOSED) drop(flow);
}

void Pipeline::on_witness(const event_witness& event) {
  const bool serves = event.point == WITNESS_REQUEST_READ || event.point == WITNESS_RESPONSE_SENT;
  const NodeId exchange = flows_.exchange_at(event.connection, serves ? Direction::Receive : Direction::Send, event.seq);
  if (exchange == 0) return;
  const witness_context& context = witness_context_tells(event.bound) ? event.bound : event.thread;
  linker_.on_witness(event, exchange, context.connection != 0 ? flows_.exchange_at(context.connection, Direction::Receive, context.seq) : 0);
}

void Pipeline::on_trace(const event_trace& event, std::string_view text) {
  if (event.what == TRACE_BEGUN) {
    const NodeId server = flows_.exchange_at(event.connection, Direction::Receive, event.seq);
    return joiner_.begin_trace(server, WrittenContexts::trace_of(event), event.trace_flags);
  }
  WrittenContexts& contexts = event.what == TRACE_CARRIED ? carried_ : written_;
  if (!contexts.add(event, text)) counters_.malformed.add();
}

/// Whether what the process sends is to carry contexts, and by which evidence.
void Pipeline::trace_requests_of(const ProcessKey& process) {
  if (observed_.writes(process)) observed_.writes_by(process, linker_.exact_at_send(process));
}

/// The process ended, or is another program now.
void Pipeline::forget(const ProcessKey& process) {
  linker_.on_process_over(process);
  propagation_.on_process_over(process);
  joiner_.on_process_over(process);
  if (metrics_) metrics_->on_process_over(process);
  observed_.forget(process);
}

void Pipeline::on_wake(const event_wake& event) {
  linker_.on_wake(event, flows_.exchange_at(event.context.connection, Direction::Receive, event.context.seq));
}

void Pipeline::on_process(RecordView record, std::uint16_t type) {
  if (type == EVENT_EXEC && record.size() >= sizeof(event_exec)) {
    const auto& event = *reinterpret_cast<const event_exec*>(record.data());
    forget(ProcessKey{event.tgid, event.process_start_ns});
    fresh_.on_exec(ProcessKey{event.tgid, event.process_start_ns});
    processes_.on_exec(event);
    observed_.on_exec(ProcessKey{event.tgid, event.process_start_ns});
  } else if (type == EVENT_FORK && record.size() >= sizeof(event_fork)) {
    const auto& event = *reinterpret_cast<const event_fork*>(record.data());
    fresh_.on_fork(ProcessKey{event.parent_tgid, event.parent_start_ns}, ProcessKey{event.child_tgid, event.child_start_ns});
    processes_.on_fork(event);
    observed_.on_fork(event.parent_tgid, ProcessKey{event.child_tgid, event.child_start_ns});
  } else if (type == EVENT_EXIT && record.size() >= sizeof(event_exit)) {
    const auto& event = *reinterpret_cast<const event_exit*>(record.data());
    forget(ProcessKey{event.tgid, event.process_start_ns});
    observed_.on_exit(event.tgid);
    fresh_.on_exit(ProcessKey{event.tgid, event.process_start_ns});
    processes_.on_exit(event);
  } else {
    counters_.malformed.add();
  }
}

/// Gives up what has waited too long.
void Pipeline::look_at_watched(std::uint64_t now_ns) {
  const auto end_wait_ns = static_cast<std::uint64_t>(options_.end_wait.count());
  if (now_ns > end_wait_ns) expire_watched(now_ns - end_wait_ns);
  flows_.unwatch(now_ns, end_wait_ns);
}

void Pipeline::expire_watched(std::uint64_t before_ns) {
  flows_.for_each_watched([&](Flow& flow) {
    current_ = &flow;
    flow.session->expire(before_ns, *this);
    current_ = nullptr;
  });
}

/// Ends what has not been heard of for so long that its socket must be gone.
void Pipeline::look_at_unix(std::uint64_t now_ns) {
  for (std::uint64_t connection : flows_.silent(now_ns)) {
    current_ = flows_.find(connection);
    current_->session->closed(Session::End::Normal, false, current_->moved_ns, *this);
    drop(*std::exchange(current_, nullptr));
  }
}

void Pipeline::drop(Flow& flow) {
  for (const Begun& begun : flow.begun) {
    request_over(begun.process, begun.trace.node);
    joiner_.abandon(flow.place, begun.trace);
  }
  flows_.erase(flow.connection.id());
}

/// Answered, or given up: what was sent because of it is linked by now, or it is held until that is.
void Pipeline::request_over(const ProcessKey& process, NodeId node) {
  if (linker_.on_request_over(process, node)) joiner_.hold(node);
  else propagation_.on_over(process, node);
}

/// False: no connection is idle.
bool Pipeline::make_room() {
  const std::vector<std::uint64_t> idle = flows_.idle(now_ns_);
  for (std::uint64_t connection : idle) drop(*flows_.find(connection));
  counters_.connections_evicted.add(idle.size());
  return !idle.empty();
}

/// What the environment says that a process was started for, while that is why it sends.
std::optional<TraceContext> Pipeline::context_of_start(const ProcessKey& process) {
  const Propagators& read = options_.context.propagators;
  if (!fresh_.contains(process) || std::find(read.begin(), read.end(), Propagator::TraceContext) == read.end()) return std::nullopt;
  const ProcessFacts& facts = processes_.facts_of(process);
  const std::string_view state = facts.tracestate;
  return parse_trace_context(1, facts.traceparent, {&state, 1});
}

/// The trace that came along with a request, if one did.
std::optional<EdgeTrace> Pipeline::carried_with(Flow& flow, std::uint64_t begin_pos) const {
  const event_trace* const carried = carried_.find(flow.connection.id());
  if (carried == nullptr || flow.connection.position(DIRECTION_RECEIVE, carried->seq) != begin_pos) return std::nullopt;
  return EdgeTrace{WrittenContexts::trace_of(*carried), carried->trace_flags};
}

void Pipeline::on_request(std::uint64_t, Direction direction, const Message& request, const HttpRequest& head) {
  Flow& flow = *current_;
  const event_trace* const written = direction == Direction::Send ? written_.find(flow.connection.id()) : nullptr;
  if (written == nullptr || flow.connection.position(DIRECTION_SEND, written->seq) != request.begin_pos) return on_request(direction, request, head, nullptr);
  HttpRequest own = head;  // as its process made it
  if (written->inserted_bytes != 0) {
    own.traceparent = {};
    own.traceparent_count = 0;
    if (written_.inserted_on(flow.connection.id()).size() > SUTURE_TRACE_LINE) own.tracestate_count = 0;  // inserted too
  }
  on_request(direction, request, own, written);
}

/// `written`: what our programs have put onto the wire with it, or nullptr.
void Pipeline::on_request(Direction direction, const Message& request, const HttpRequest& head, const event_trace* written) {
  Flow& flow = *current_;
  flow.requests = direction;
  const bool sent = direction == Direction::Send;
  const event_connection& facts = flow.connection.facts();
  const Wanted use = observed_.wanted(request.process, sent ? facts.remote_port : facts.local_port);
  if (use != Wanted::No) observed_.look_for_runtime(request.process);
  if (!sent) fresh_.on_received(request.process);
  const std::optional<TraceContext> started_for = sent && !written ? context_of_start(request.process) : std::nullopt;
  const std::optional<EdgeTrace> carried = sent ? std::nullopt : carried_with(flow, request.begin_pos);
  const TracePlace trace = joiner_.begin(flow.place, direction, request, head, use, sent, started_for ? &*started_for : nullptr, carried ? &*carried : nullptr);
  flow.begun.push_back({trace, request.process});
  if (written)
    joiner_.written(trace.node, WrittenContexts::trace_of(*written), WrittenContexts::span_of(*written), written->trace_flags,
                    flows_.exchange_at(written->cause.connection, Direction::Receive, written->cause.seq));
  if (!linker_.knows(request.process)) linker_.on_program(request.process, known_program(processes_.facts_of(request.process).exe));
  if (!sent) {
    Inbound inbound;
    inbound.id = trace.node;
    inbound.begin_ns = request.begin_ns;
    inbound.tid = request.tid;
    inbound.port = flow.connection.facts().local_port;
    inbound.blocking = (flags_ & DATA_NONBLOCKING) == 0;
    if (trace.exclusion == Exclusion::None) propagation_.on_received(request.process, trace.node, head, joiner_.header_of(trace.node));
    linker_.on_request_read(request.process, std::move(inbound));
  } else if (trace.exclusion == Exclusion::None) {
    Outbound outbound;
    outbound.id = trace.node;
    outbound.begin_ns = request.begin_ns;
    if (request.begin_pos == 0) outbound.connect_ns = flow.connection.facts().opened_ns;
    outbound.destination = {flow.place.endpoints.remote, flow.place.endpoints.remote_port};
    outbound.tid = request.tid;
    propagation_.on_sent(request.process, trace.node, head, flow.place.endpoints, joiner_.header_of(trace.node));
    linker_.on_request_sent(request.process, std::move(outbound));
  }
  if (use != Wanted::No) trace_requests_of(request.process);
}

void Pipeline::on_exchange(Exchange&& exchange) {
  std::optional<Begun> ended = current_->take(exchange.request.begin_pos);
  if (!ended) return;
  request_over(exchange.request.process, ended->trace.node);
  joiner_.end(current_->place, std::move(ended->trace), std::move(exchange), now_ns_);
}

void Pipeline::on_dropped(std::uint64_t, std::uint64_t request_begin_pos) {
  const std::optional<Begun> dropped = current_->take(request_begin_pos);
  if (!dropped) return;
  request_over(dropped->process, dropped->trace.node);
  joiner_.abandon(current_->place, dropped->trace);
}

void Pipeline::on_link(ExchangeId child, ExchangeId parent, const LinkVerdict& verdict) {
  joiner_.link(child, parent, {verdict.method, verdict.confidence, verdict.audited});
  propagation_.on_link(child, parent);
}

Result<std::string> Pipeline::explain(std::uint32_t tgid) {
  for (const auto& [process, requests] : linker_.processes())
    if (process.tgid == tgid) return fmt::format("{} (pid {})\n{}", processes_.resource_of(process).service_name(), tgid, suture::explain(*requests));
  return Error{fmt::format("nothing is known of process {}: since the agent runs it has neither received nor sent an HTTP/1 request, or it has ended. "
                           "`suture explain` lists those that are known", tgid)};
}

std::string Pipeline::explain_all() {
  std::map<std::uint32_t, std::string> lines;
  for (const auto& [process, requests] : linker_.processes())
    lines[process.tgid] = fmt::format("{:>8}  {}: {}\n", process.tgid, processes_.resource_of(process).service_name(), summarize(requests->counters));
  std::string out = lines.empty() ? "no process has received or sent an HTTP/1 request yet\n" : "";
  for (const auto& [tgid, line] : lines) out += line;
  return out;
}

std::vector<PropagationRow> Pipeline::propagation_rows() {
  return propagation_.rows([this](const ProcessKey& process) { return std::string(processes_.resource_of(process).service_name()); });
}

std::string Pipeline::propagation_report(ReportForm form, std::size_t max_bytes) {
  const PropagationReport report{current_rows(propagation_rows()), propagation_.counters().not_followed.get()};
  return form == ReportForm::Json ? to_json(report, max_bytes) : to_text(report, max_bytes);
}

void Pipeline::on_unlinked(ExchangeId child, ExchangeId candidate) {
  joiner_.unlinked(child, candidate);
  propagation_.on_unlinked(child);
}

void Pipeline::on_released(const ProcessKey& process, ExchangeId inbound) {
  propagation_.on_over(process, inbound);
  joiner_.let_go(inbound);
}

void Pipeline::on_hands_over(const ProcessKey& process) {
  observed_.hands_over(process);
}

void Pipeline::on_span(Span&& span) { waiting_room_.add(std::move(span)); }

void Pipeline::tick(std::uint64_t now_ns) {
  if (now_ns < last_tick_ns_ + kTickNs) return;
  last_tick_ns_ = now_ns;
  if (now_ns > now_ns_) now_ns_ = now_ns;
  processes_.take_answers();  // before the tick is recorded, and with it what was learned
  for (const ProcessKey& process : observed_.take_undecided()) trace_requests_of(process);
  if (tap_) tap_->on_tick(now_ns);

  processes_.advance(now_ns);
  waiting_room_.tick();
  propagation_.name_ended([this](const ProcessKey& process) -> std::optional<std::string> {
    if (processes_.awaits(process)) return std::nullopt;
    return std::string(processes_.resource_of(process).service_name());
  });
  if (now_ns >= last_look_ns_ + kLookNs) {
    last_look_ns_ = now_ns;
    look_at_watched(now_ns);
  }
  if (now_ns >= last_unix_look_ns_ + kUnixLookNs) {
    last_unix_look_ns_ = now_ns;
    look_at_unix(now_ns);
  }
  joiner_.tick(now_ns);
  sampling_.tick(now_ns);
  if (metrics_) metrics_->tick(now_ns);
  batcher_.tick(Batcher::Clock::time_point(std::chrono::nanoseconds(now_ns)));
}

std::vector<UntracedProcess> Pipeline::take_untraced(std::uint64_t now_ns) {
  const std::vector<UntracedProcess> due = untraced_.take_due(now_ns);
  untraced_due_.insert(untraced_due_.end(), due.begin(), due.end());
  std::erase_if(untraced_due_, [this](const UntracedProcess& untraced) { return !observed_.concerns(untraced.process); });
  std::vector<UntracedProcess> named;
  std::erase_if(untraced_due_, [&](const UntracedProcess& untraced) {
    if (processes_.awaits(untraced.process)) return false;
    named.push_back(untraced);
    return true;
  });
  return named;
}

void Pipeline::finish() {
  expire_watched(UINT64_MAX);
  linker_.finish();
  joiner_.flush();
  processes_.take_answers();
  waiting_room_.flush();
  sampling_.flush();
}

}  // namespace suture

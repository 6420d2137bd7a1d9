#include "wire.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "wire/runtime.h"

namespace suture::test {

void MemorySink::send(Batch batch) {
  for (Batch::Group& group : batch.groups)
    for (Span& span : group.spans) {
      spans_.push_back(std::move(span));
      services_.emplace_back(group.resource.service_name());
    }
}

std::vector<std::unique_ptr<SpanSink>> Wire::memory_sink() {
  std::vector<std::unique_ptr<SpanSink>> sinks;
  sinks.push_back(std::make_unique<MemorySink>(spans, services));
  return sinks;
}

Wire::Wire(PipelineOptions options, FactsSource* facts)
    : processes_(HostFacts(), facts), batcher_(memory_sink(), processes_, Batcher::Limits{.spans = 1}),
      pipeline(std::move(options), ids_, processes_, batcher_, this, nullptr, this) {}

Socket& Wire::connect(ProcessKey client, ProcessKey server, std::uint16_t port) {
  const std::uint64_t id = sockets.size() + 1;
  now_ns += 1000;
  Socket& a = sockets.emplace_back(*this, id, client, true);
  Socket& b = sockets.emplace_back(*this, id + 1, server, false);
  a.peer_ = &b, b.peer_ = &a;
  // Close to where they wrap, and of every connection its own.
  a.facts_.isn_own = b.facts_.isn_peer = 0xffffff80u - static_cast<std::uint32_t>(id);
  a.facts_.isn_peer = b.facts_.isn_own = 0xffffffd0u + static_cast<std::uint32_t>(id);
  const std::uint8_t address[4] = {127, 0, 0, 1};
  for (Socket* socket : {&a, &b}) {
    std::memcpy(socket->facts_.local_address, address, 4);
    std::memcpy(socket->facts_.remote_address, address, 4);
  }
  a.facts_.local_port = b.facts_.remote_port = static_cast<std::uint16_t>(40000 + id);
  a.facts_.remote_port = b.facts_.local_port = port;
  return a;
}

Socket& Wire::connect_unix() {
  Socket& client = connect(kCurl, kShop, 0);
  for (Socket* socket : {&client, &client.peer()}) {
    event_connection& facts = socket->facts_;
    facts.family = 1;
    facts.local_port = facts.remote_port = 0;
    std::memset(facts.local_address, 0, sizeof facts.local_address);
    std::memset(facts.remote_address, 0, sizeof facts.remote_address);
  }
  sends_at_entry = false;
  return client;
}

event_witness Wire::witness_of(const Socket& socket, witness_point point) const {
  event_witness event{};
  event.header.type = EVENT_WITNESS;
  event.header.time_ns = now_ns;
  event.process_start_ns = socket.user_.start_ns;
  event.tgid = event.tid = socket.user_.tgid;
  event.point = point;
  event.connection = socket.id_;
  event.seq = (point == WITNESS_REQUEST_READ ? socket.facts_.isn_peer : socket.facts_.isn_own) + 1;
  return event;
}

void Wire::works_for(const Socket& out, const Socket& in) {
  event_witness event = witness_of(out, WITNESS_REQUEST_SENT);
  event.thread.connection = in.id_;
  event.thread.seq = in.facts_.isn_peer + 1;
  emit(&event, offsetof(event_witness, value));
}

void Wire::named(const Socket& socket, witness_point point, std::uint64_t name) {
  event_witness event = witness_of(socket, point);
  event.runtime = RUNTIME_TOKIO;
  event.values = 1;
  event.value[0] = name;
  emit(&event, offsetof(event_witness, value) + sizeof name);
}

bool Wire::ring_is_full() {
  if (!lost.contains(records)) return false;
  ++records;
  return true;
}

bool Wire::emit(const void* event, std::size_t size, std::string_view data) {
  if (ring_is_full()) return false;
  ++records;
  std::vector<std::uint64_t> words((size + data.size() + 7) / 8);  // as aligned as the ring's
  auto* bytes = reinterpret_cast<std::byte*>(words.data());
  if (size > 0) std::memcpy(bytes, event, size);
  if (size >= sizeof(event_header)) {
    const auto whole = static_cast<std::uint32_t>(size + data.size());
    std::memcpy(bytes + offsetof(event_header, size), &whole, sizeof whole);
  }
  data.copy(reinterpret_cast<char*>(bytes) + size, data.size());
  pipeline.on_record({bytes, size + data.size()});
  check_ledger();
  return true;
}

void Wire::wait(std::uint64_t ns, bool sweeps) {
  const std::uint64_t until = now_ns + ns;
  while (now_ns < until) {
    now_ns = std::min(until, now_ns + 10 * kMs);
    pipeline.tick(now_ns);
    check_ledger();
    const std::uint64_t interval = pipeline.wants_sweep() ? 200 * kMs : 10'000 * kMs;
    if (!sweeps || now_ns < last_sweep_ns_ + interval) continue;
    last_sweep_ns_ = now_ns;
    for (Socket& socket : sockets) socket.sweep();
  }
}

void Wire::fork(ProcessKey parent, ProcessKey child) {
  const event_fork event{{EVENT_FORK, 0, 0, now_ns += 1000}, parent.start_ns, child.start_ns, parent.tgid, child.tgid};
  emit(&event, sizeof event);
}

void Wire::exec(ProcessKey process, std::string_view file) {
  event_exec event{};
  event.header = {EVENT_EXEC, 0, 0, now_ns += 1000};
  event.process_start_ns = process.start_ns;
  event.tgid = process.tgid;
  event.file_bytes = static_cast<std::uint16_t>(file.copy(event.file, sizeof event.file));
  event.args_bytes = static_cast<std::uint16_t>(file.copy(event.args, sizeof event.args));
  emit(&event, sizeof event);
}

void Wire::start(ProcessKey process, ProcessFacts facts) {
  exec(process, facts.exe);
  processes_.learn(process, std::move(facts));
}

void Wire::exit(ProcessKey process) {
  const event_exit event{{EVENT_EXIT, 0, 0, now_ns += 1000}, process.start_ns, process.tgid, 0};
  emit(&event, sizeof event);
}

std::string Wire::seen() {
  std::string text;
  for (; told_ < spans.size(); ++told_) text += title_of(spans[told_]) + " " + parent_of(spans[told_]) + "\n";
  return text;
}

std::string Wire::title_of(const Span& span) {
  const auto text = [&](AttributeKey key) {
    const auto* entry = span.attributes.find(key);
    return entry ? std::string(span.attributes.text(*entry)) : std::string();
  };
  std::string path = text(AttributeKey::UrlPath);
  if (const std::string full = text(AttributeKey::UrlFull); !full.empty())
    path = full.substr(std::min(full.size(), full.find('/', full.find("//") + 2)));
  std::string title = span.kind == SpanKind::Server ? "server " : "client ";
  title += text(AttributeKey::HttpRequestMethod) + " " + path;
  const auto* status = span.attributes.find(AttributeKey::HttpResponseStatusCode);
  if (status) title += " " + std::to_string(status->value.integer);
  if (const std::string error = text(AttributeKey::ErrorType); !error.empty()) title += " " + error;
  if (span.attributes.find(AttributeKey::SutureEndUnconfirmed)) title += " unconfirmed";
  return title;
}

/// "root", "under client GET /a", "under remote", or "DANGLING".
std::string Wire::parent_of(const Span& span) const {
  if (!span.parent_id.valid()) return span.parent_is_remote ? "root CALLED REMOTE" : "root";
  for (const Span& other : spans) {
    if (other.span_id != span.parent_id) continue;
    const std::string title = title_of(other);
    const std::size_t third = title.find(' ', title.find(' ', title.find(' ') + 1) + 1);
    return "under " + title.substr(0, third) + (other.trace_id == span.trace_id ? "" : " OF ANOTHER TRACE") +
           (span.parent_is_remote ? " CALLED REMOTE" : "");
  }
  return span.parent_is_remote ? "under remote" : "DANGLING";
}

/// made = exported + held + dropped, and what left the pipeline has arrived.
void Wire::check_ledger() const {
  const Joiner& joiner = pipeline.joiner();
  const Joiner::Counters& c = joiner.counters();
  const Forest::Counters& f = joiner.forest_counters();
  const Sampling::Counters& s = pipeline.sampling().counters();
  const std::uint64_t dropped = c.dropped_probe.get() + c.dropped_intake.get() + c.dropped_excluded.get() + f.dropped_outside.get() +
                                f.dropped_sdk_client.get() + f.dropped_sdk_server.get() + s.not_sampled.get() + s.sampled_out.get() +
                                s.rate_limited.get() + s.undecided.get();
  EXPECT_EQ(c.made.get(), s.exported.get() + pipeline.held() + dropped) << "after record " << records;
  EXPECT_EQ(pipeline.http_counters().exchanges.get(), c.made.get()) << "after record " << records;
  EXPECT_EQ(s.exported.get(), spans.size());
}

}  // namespace suture::test

#include "trace/joiner.h"

#include <algorithm>
#include <utility>

#include "trace/http_context.h"

namespace suture {
namespace {

SpanKind kind_of(Direction request_direction) {
  return request_direction == Direction::Send ? SpanKind::Client : SpanKind::Server;
}

/// A sampled context with a parent, that the request itself carries.
bool may_be_an_sdks(const CarriedContext& carried) {
  return carried.context && carried.context->parent.valid() && (carried.context->flags & kTraceFlagSampled) != 0;
}

/// By what proxies of layer 7 add.
bool is_proxied(const HttpRequest& head) { return !head.forwarded.empty() || !head.x_forwarded_for.empty() || !head.x_forwarded_host.empty(); }

}  // namespace

Joiner::Joiner(IdKey key, IdSource& ids, const HttpSpanOptions& http, const ProbeRules& probes, bool keep_probes, bool keep_intake,
               SpanReceiver& receiver)
    : key_(key), http_(http), probes_(probes), keep_probes_(keep_probes), keep_intake_(keep_intake), forest_(ids, receiver) {}

Joiner::EdgeKey Joiner::edge_key(const ExchangePlace& place, Direction direction, std::uint64_t position) {
  return direction == Direction::Send ? EdgeKey{place.isn_own, place.isn_peer, position} : EdgeKey{place.isn_peer, place.isn_own, position};
}

SpanId Joiner::span_id(const ExchangePlace& place, Direction direction, std::uint64_t position, SpanKind kind) const {
  const EdgeKey key = edge_key(place, direction, position);
  if (place.have_isn) return derive_span_id(key_, key.isn_sender, key.isn_receiver, position, kind);
  return derive_span_id(key_, place.connection, position, kind);
}

void Joiner::add_edge(const EdgeKey& key, NodeId client) {
  auto [it, fresh] = edges_.try_emplace(key);
  if (!fresh) forest_.release(it->second.node);
  else it->second.place = edge_order_.insert(edge_order_.end(), key);
  it->second.node = client;
  forest_.keep(client);
  if (edges_.size() <= limits_.edges) return;
  counters_.edges_forgotten.add();
  erase_edge(EdgeKey(edge_order_.front()));
}

void Joiner::erase_edge(const EdgeKey& key) {
  const auto it = edges_.find(key);
  if (it == edges_.end()) return;
  forest_.release(it->second.node);
  edge_order_.erase(it->second.place);
  edges_.erase(it);
}

Exclusion Joiner::exclusion_of(const HttpRequest& head, Wanted wanted) const {
  if (wanted == Wanted::No) return Exclusion::Filter;
  if (!keep_intake_ && is_otlp_intake(head)) return Exclusion::Intake;
  if (!keep_probes_ && is_probe(head, probes_)) return Exclusion::Probe;
  return Exclusion::None;
}

TracePlace Joiner::begin(const ExchangePlace& place, Direction direction, const Message& request, const HttpRequest& head,
                         Wanted wanted, bool linked, const TraceContext* inherited, const EdgeTrace* told) {
  TracePlace trace;
  trace.begin_pos = request.begin_pos;
  trace.exclusion = exclusion_of(head, wanted);
  const bool hidden = trace.exclusion != Exclusion::None;
  if (wanted != Wanted::No && is_otlp_spans(head)) {
    if (direction == Direction::Receive) sdks_.on_intake(request.process);
    else sdks_.on_upload(request.process);
    if (direction == Direction::Send) placer_.on_upload(request.process, place.endpoints.local_port, place.endpoints.remote_port, request.begin_ns);
  }
  CarriedContext carried = context_of(head, context_.propagators);
  trace.has_context = !hidden && may_be_an_sdks(carried);
  const bool crosses = !hidden && !carried.context && place.have_isn && !place.in_doubt && !place.loopback_peer;
  trace.may_cross = crosses && remote_.enabled();
  if (!carried.context && inherited != nullptr) {
    carried.context = *inherited;
    carried.method = "environment";
  }
  trace.node = forest_.add(span_id(place, direction, request.begin_pos, kind_of(direction)), wanted, hidden, std::move(carried));
  if (hidden) {
    forest_.stand_alone(trace.node);
    return trace;
  }
  if (wanted != Wanted::No) watch_sdks(direction, request, trace, linked);
  if (wanted != Wanted::No && direction == Direction::Receive) placer_.on_received(request.process, trace.node, request.begin_ns);
  const EdgeKey key = edge_key(place, direction, request.begin_pos);
  if (direction == Direction::Send && trace.may_cross)
    crossing_due_.emplace_back(request.begin_ns + static_cast<std::uint64_t>(limits_.settle.count()), key);
  if (direction == Direction::Send) place_client(place, key, trace, linked);
  else place_server(place, request, key, trace, is_proxied(head), crosses ? told : nullptr);
  return trace;
}

void Joiner::place_client(const ExchangePlace& place, const EdgeKey& key, const TracePlace& trace, bool linked) {
  const bool may_join = place.have_isn && !place.in_doubt;
  if (may_join) add_edge(key, trace.node);
  if (linked) forest_.keep(trace.node);
  else forest_.stand_alone(trace.node);
  if (!may_join) return;
  if (const auto server = unjoined_.find(key); server != unjoined_.end() && find_client(key, server->second)) unjoined_.erase(server);
}

void Joiner::place_server(const ExchangePlace& place, const Message& request, const EdgeKey& key, const TracePlace& trace, bool proxied, const EdgeTrace* carried) {
  if (!place.have_isn || place.in_doubt) {
    if (place.loopback_peer) counters_.unjoined_local.add();
    forest_.stand_alone(trace.node);
  } else if (!find_client(key, trace.node)) {
    unjoined_.insert_or_assign(key, trace.node);
    unjoined_due_.push_back({request.begin_ns + static_cast<std::uint64_t>(limits_.settle.count()), key, place.loopback_peer, trace.may_cross, proxied,
                             carried != nullptr ? std::optional(*carried) : std::nullopt});
  }
}

/// What a request that has just begun says of SDKs, and what they make of its span.
void Joiner::watch_sdks(Direction direction, const Message& request, const TracePlace& trace, bool linked) {
  const TraceContext* context = trace.has_context ? forest_.header_of(trace.node) : nullptr;
  if (context == nullptr) return;
  if (direction == Direction::Receive) return sdks_.on_received(request.process, *context, trace.node);
  const SdkWatch::Sent sent = sdks_.on_sent(request.process, *context);
  if (sent.begun) placer_.on_trace_begun(request.process, context->trace_id, request.begin_ns);
  if (sent.made) forest_.sdk_sent(trace.node, sent.surely);
  if (linked && (sent.made || sent.passed != 0)) carriers_.emplace(trace.node, Carrier{request.process, sent.passed});
}

/// The process sent `child`, with a context that it made, because of `parent`.
void Joiner::judge_cause(const Carrier& carrier, NodeId child, NodeId parent, const LinkFound& found) {
  const TraceContext* made = forest_.header_of(child);
  const TraceContext* received = forest_.header_of(parent);
  if (made == nullptr || (received != nullptr && received->trace_id == made->trace_id)) return;
  if (found.audited) placer_.on_sent_because(made->trace_id, parent);
  if (received != nullptr) return sdks_.on_not_taken_up(carrier.process, parent);
  sdks_.on_started(carrier.process);
  forest_.withdraw_root(parent);
}

void Joiner::written(NodeId client, const TraceId& trace, const SpanId& span, std::uint8_t flags, NodeId cause) {
  counters_.written.add();
  forest_.written(client, trace, span, flags);
  written_.insert_or_assign(client, cause);
}

/// False: no context of ours is on the wire with the request.
bool Joiner::hang_written(NodeId child, NodeId parent, const LinkFound& found) {
  const auto written = written_.find(child);
  if (written == written_.end()) return false;
  const NodeId cause = written->second;
  written_.erase(written);
  // What is on the wire holds for the span, as others hang under it; it does not make the cause surer than it is.
  const bool contradicted = parent != 0 && parent != cause;
  if (contradicted) counters_.written_otherwise.add();
  if (cause != 0) forest_.hang(child, cause, parent == cause ? found : LinkFound{"header", contradicted ? 0.0 : 1.0, false});
  else forest_.stand_alone(child);
  forest_.release(child);
  return true;
}

void Joiner::link(NodeId child, NodeId parent, const LinkFound& found) {
  if (hang_written(child, parent, found)) return;
  if (const auto carrier = carriers_.find(child); carrier != carriers_.end()) {
    if (carrier->second.passed == 0) judge_cause(carrier->second, child, parent, found);
    carriers_.erase(carrier);
  }
  forest_.hang(child, parent, found);
  forest_.release(child);
}

void Joiner::unlinked(NodeId child, NodeId candidate) {
  if (hang_written(child, 0, {})) return;
  // A context that is passed on says itself which request it came with.
  if (const auto carrier = carriers_.find(child); carrier != carriers_.end()) {
    const NodeId passed = carrier->second.passed;
    carriers_.erase(carrier);
    if (passed != 0) {
      forest_.hang(child, passed, {"header", 1.0});
      return forest_.release(child);
    }
  }
  if (candidate != 0) forest_.suggest(child, candidate);
  forest_.stand_alone(child);
  forest_.release(child);
}

bool Joiner::find_client(const EdgeKey& key, NodeId server) {
  const auto it = edges_.find(key);
  if (it == edges_.end()) return false;
  counters_.joined.add();
  forest_.hang(server, it->second.node, {"connection", 1.0});
  erase_edge(key);
  return true;
}

/// A server's client was not seen in time.
void Joiner::settle(const Unjoined& waited) {
  const auto server = unjoined_.find(waited.key);
  if (server == unjoined_.end()) return;
  if (waited.local) counters_.unjoined_local.add();
  const NodeId node = server->second;
  unjoined_.erase(server);
  const SpanId client = derive_span_id(key_, waited.key.isn_sender, waited.key.isn_receiver, waited.key.position, SpanKind::Client);
  if (forest_.decided(node)) return;
  if (waited.carried) return remote_.on_carried(node, client, *waited.carried);
  if (!waited.may_cross) return forest_.stand_alone(node);
  remote_.on_received(node, client, waited.proxied);
}

/// A receiver here would have shown by now.
void Joiner::look_at_sent(const EdgeKey& key) {
  const auto edge = edges_.find(key);
  if (edge == edges_.end()) return;
  remote_.on_sent(edge->second.node, derive_span_id(key_, key.isn_sender, key.isn_receiver, key.position, SpanKind::Client));
}

void Joiner::end(const ExchangePlace& place, TracePlace&& trace, Exchange&& exchange, std::uint64_t now_ns) {
  counters_.made.add();
  switch (trace.exclusion) {
    case Exclusion::Filter: counters_.dropped_excluded.add(); break;
    case Exclusion::Probe: counters_.dropped_probe.add(); break;
    case Exclusion::Intake: counters_.dropped_intake.add(); break;
    case Exclusion::None: break;
  }
  if (trace.exclusion != Exclusion::None) return forest_.drop(trace.node);
  bool unreceived = false;
  if (exchange.request_direction == Direction::Send) {
    const EdgeKey key = edge_key(place, Direction::Send, exchange.request.begin_pos);
    unreceived = place.have_isn && edges_.contains(key);
    if (unreceived) edges_due_.emplace_back(now_ns + static_cast<std::uint64_t>(limits_.edge_grace.count()), key);
  }
  if (exchange.request_direction == Direction::Receive) {
    if (trace.has_context) sdks_.on_ended(exchange.request.process, now_ns);
    else if (sdks_.reports(exchange.request.process) && forest_.header_of(trace.node) == nullptr) forest_.withdraw_root(trace.node);
  }
  Span span;
  span.process = exchange.request.process;
  span.start_unix_ns = to_unix_ns(anchor_, exchange.request.begin_ns);
  span.end_unix_ns = to_unix_ns(anchor_, std::max(exchange.response.end_ns, exchange.request.begin_ns));
  describe_http(exchange, place.endpoints, http_, span);
  const std::string baggage = baggage_of(std::get<HttpExchange>(exchange.detail).request, context_.propagators, context_.baggage);
  if (!baggage.empty()) span.attributes.add(AttributeKey::SutureBaggage, baggage);
  if (unreceived && trace.may_cross) span.attributes.add(AttributeKey::SutureEdgeId, to_hex(span_id(place, Direction::Send, trace.begin_pos, SpanKind::Client)));
  if (exchange.request_direction == Direction::Receive)
    placer_.on_served(trace.node, exchange, place.endpoints.remote_port, span.start_unix_ns, span.end_unix_ns, now_ns);
  forest_.end(trace.node, std::move(span), now_ns);
}

void Joiner::abandon(const ExchangePlace& place, const TracePlace& trace) {
  // A server's exchange has no edge: what it sends are responses, and no request has this key.
  if (place.have_isn) erase_edge(edge_key(place, Direction::Send, trace.begin_pos));
  placer_.on_abandoned(trace.node);
  written_.erase(trace.node);
  forest_.drop(trace.node);
}

void Joiner::tick(std::uint64_t now_ns) {
  while (!unjoined_due_.empty() && unjoined_due_.front().due_ns <= now_ns) {
    settle(unjoined_due_.front());
    unjoined_due_.pop_front();
  }
  while (!crossing_due_.empty() && crossing_due_.front().first <= now_ns) {
    look_at_sent(crossing_due_.front().second);
    crossing_due_.pop_front();
  }
  while (!edges_due_.empty() && edges_due_.front().first <= now_ns) {
    erase_edge(edges_due_.front().second);
    edges_due_.pop_front();
  }
  remote_.tick(now_ns);
  sdks_.tick(now_ns);
  if (reported_ != nullptr) {
    for (ReportedSpan& span : reported_->take()) placer_.on_reported(std::move(span), now_ns);
    placer_.tick(now_ns, [this](const Placement& placement) { reported_->on_placed(placement); });
  }
  forest_.tick(now_ns);
}

void Joiner::flush() {
  for (const Unjoined& waited : unjoined_due_) settle(waited);
  unjoined_due_.clear();
  for (const auto& [due_ns, key] : crossing_due_) look_at_sent(key);
  crossing_due_.clear();
  remote_.flush();
  sdks_.flush();
  placer_.flush();
  forest_.flush();
}

}  // namespace suture

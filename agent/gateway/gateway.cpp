#include "gateway/gateway.h"

#include <algorithm>

#include "export/named_thread.h"

namespace suture {
namespace {

constexpr std::size_t kInboxBytes = 2 * Intake::kMaxBytes;  // of bodies
constexpr std::size_t kMostAsks = 16'384;            // spans that wait for the capture thread, which comes every 50 ms
constexpr std::size_t kAsksAtOnce = 1024;            // of which so many are looked at each time
constexpr std::chrono::milliseconds kTick{20};       // how late a parcel may leave
constexpr std::chrono::milliseconds kIdle{1000};

/// A destination on this host that is the gateway itself would be sent what it sends, for ever.
bool is_ourselves(const BackendOptions& destination, std::string_view listen) {
  if (!destination.endpoint.unix_socket.empty()) return false;
  std::string_view authority = destination.endpoint.url;
  authority.remove_prefix(std::min(authority.find("://") + 3, authority.size()));
  authority = authority.substr(0, authority.find('/'));
  const std::size_t port = authority.rfind(':');
  const std::string_view own_port = listen.substr(std::min(listen.rfind(':'), listen.size()));
  if (port == std::string_view::npos || authority.substr(port) != own_port) return false;
  const std::string_view host = authority.substr(0, port);
  return host == "localhost" || host.starts_with("127.") || host == "[::1]" || authority == listen;
}

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::open(const GatewayOptions& options, const std::vector<BackendOptions>& destinations) {
  const auto takes_otlp = [](const BackendOptions& destination) { return destination.protocol != OtlpProtocol::ZipkinJson; };
  if (std::none_of(destinations.begin(), destinations.end(), takes_otlp))
    return Error{"--otlp-listen " + options.listen + ": there is nowhere to send to what comes in. Say where: --otlp http://HOST:4318."};
  for (const BackendOptions& destination : destinations)
    if (is_ourselves(destination, options.listen))
      return Error{"--otlp-listen " + options.listen + ": the destination " + destination.shown() +
                   " is this address itself. Give the agent the backend's: --otlp http://HOST:4318, or listen on another port."};
  Result<std::unique_ptr<Forwarder>> forwarder = Forwarder::open(destinations);
  if (!forwarder) return Error{forwarder.error()};
  std::unique_ptr<Gateway> gateway(new Gateway(options.mend, std::move(forwarder).value()));
  Result<std::unique_ptr<HttpServer>> server = HttpServer::listen(
      "--otlp-listen", options.listen, {}, [self = gateway.get()](HttpServer::Request&& request) { return self->intake_.answer(std::move(request)); });
  if (!server) return Error{server.error()};
  gateway->server_ = std::move(server).value();
  return gateway;
}

Gateway::Gateway(MendMode mode, std::unique_ptr<Forwarder> forwarder)
    : forwarder_(std::move(forwarder)), asks_(kMostAsks), inbox_(kInboxBytes),
      mender_(
          mode, {},
          [this](ReportedSpan&& span) {
            if (asks_.push(std::move(span), 1)) asks_refused_.add();  // it waits in vain, and is counted as unmended too
          },
          [this](Parcel&& parcel) {
            const std::uint64_t records = parcel.records;
            forwarder_->send(std::move(parcel));
            forwarded_.add(records);
          }),
      intake_({.takes = [this](Signal signal, Encoding encoding) { return forwarder_->takes(signal, encoding); },
               .mends = [this](Signal signal) { return mender_.mends(signal); },
               .push = [this](Parcel&& parcel) { return push(std::move(parcel)); }}) {
  thread_ = start_thread("suture-gateway", [this] { run(); });
}

Gateway::~Gateway() { flush(std::chrono::milliseconds{0}); }

bool Gateway::push(Parcel&& parcel) {
  const std::size_t bytes = sizeof(Parcel) + parcel.body.size();
  return !inbox_.push(Item(std::move(parcel)), bytes);
}

void Gateway::run() {
  Mender::Clock::time_point last_tick{};
  while (true) {
    std::optional<Item> item = inbox_.pop(mender_.holds() ? kTick : kIdle);
    const auto now = Mender::Clock::now();
    if (!item && inbox_.closed()) break;
    if (item) {
      if (Parcel* parcel = std::get_if<Parcel>(&*item)) mender_.take(std::move(*parcel), now);
      else mender_.on_placed(std::get<Placement>(*item));
    }
    if (now - last_tick < kTick) continue;
    last_tick = now;
    mender_.tick(now);
  }
  mender_.flush();
}

std::vector<ReportedSpan> Gateway::take() {
  std::vector<ReportedSpan> spans;
  while (spans.size() < kAsksAtOnce) {
    std::optional<ReportedSpan> span = asks_.pop(std::chrono::milliseconds{0});
    if (!span) break;
    spans.push_back(*std::move(span));
  }
  return spans;
}

void Gateway::on_placed(const Placement& placement) {
  if (inbox_.push(Item(placement), sizeof(Item))) places_refused_.add();
}

void Gateway::begin_end(std::chrono::milliseconds deadline) {
  server_.reset();
  inbox_.close();
  if (thread_.joinable()) thread_.join();
  forwarder_->begin_end(deadline);
}

void Gateway::flush(std::chrono::milliseconds deadline) {
  if (thread_.joinable()) begin_end(deadline);
  forwarder_->flush(deadline);
}

GatewayLedger Gateway::ledger() const {
  GatewayLedger ledger;
  const IntakeCounters& i = intake_.counters();
  const Mender::Counters& m = mender_.counters();
  ledger.forwarded = forwarded_.get();  // first: it must not overtake what was received
  ledger.received = i.received.get();
  ledger.dropped = {{"queue_full", i.queue_full.get()}};
  ledger.refused = {{"undecodable", i.undecodable.get()}, {"unsupported", i.unsupported.get()}, {"too_large", i.too_large.get()}, {"not_found", i.not_found.get()}};
  ledger.mended = {{"joined", m.joined.get()}, {"unjoined", m.unjoined.get()}, {"reparented", m.reparented.get()}, {"moved", m.moved.get()},
                   {"unmended", m.unmended.get()}, {"asks_refused", asks_refused_.get()}, {"places_refused", places_refused_.get()}};
  ledger.deliveries = forwarder_->ledgers();
  return ledger;
}

}  // namespace suture

#include "gateway/forwarder.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "export/otlp/grpc.h"

namespace suture {
namespace {

struct SignalNames {
  std::string_view name, path, method;
};
constexpr std::array<SignalNames, kSignals> kNames = {{
    {"traces", "/v1/traces", grpc_path_of(OtlpSignal::Traces)},
    {"logs", "/v1/logs", "/opentelemetry.proto.collector.logs.v1.LogsService/Export"},
    {"metrics", "/v1/metrics", grpc_path_of(OtlpSignal::Metrics)},
}};

const SignalNames& names_of(Signal signal) { return kNames[static_cast<std::size_t>(signal)]; }

}  // namespace

std::optional<std::string> url_of(const BackendOptions& options, Signal signal) {
  const std::string& url = options.endpoint.url;
  const std::size_t query = std::min(url.find('?'), url.size());
  const bool grpc = options.protocol == OtlpProtocol::Grpc;
  const std::string_view known = grpc ? names_of(Signal::Traces).method : names_of(Signal::Traces).path;
  if (signal == Signal::Traces) return url;
  if (!std::string_view(url).substr(0, query).ends_with(known)) return std::nullopt;
  const std::string_view wanted = grpc ? names_of(signal).method : names_of(signal).path;
  return url.substr(0, query - known.size()) + std::string(wanted) + url.substr(query);
}

Result<std::unique_ptr<Forwarder>> Forwarder::open(const std::vector<BackendOptions>& destinations) {
  std::unique_ptr<Forwarder> forwarder(new Forwarder);
  for (const BackendOptions& destination : destinations) forwarder->add_routes(destination);
  for (Route& route : forwarder->routes_) {
    if (route.options.spill_directory.empty()) continue;
    if (const Status opened = forwarder->open(route); !opened) return Error{opened.error()};
  }
  return forwarder;
}

void Forwarder::add_routes(const BackendOptions& destination) {
  if (destination.protocol == OtlpProtocol::ZipkinJson) return;  // it takes another format than SDKs send
  for (const Signal signal : {Signal::Traces, Signal::Logs, Signal::Metrics}) {
    const std::optional<std::string> url = url_of(destination, signal);
    if (!url) continue;
    for (const Encoding encoding : {Encoding::Protobuf, Encoding::Json}) {
      if (encoding == Encoding::Json && destination.protocol == OtlpProtocol::Grpc) continue;
      Route route{.signal = signal, .encoding = encoding, .options = destination, .sink = nullptr};
      route.options.endpoint.url = *url;
      if (destination.protocol != OtlpProtocol::Grpc)
        route.options.protocol = encoding == Encoding::Json ? OtlpProtocol::HttpJson : OtlpProtocol::HttpProtobuf;
      route.options.name += "-sdk-" + std::string(names_of(signal).name) + (encoding == Encoding::Json ? "-json" : "");
      // Our own spans' directory is in use, and is another's.
      if (!destination.spill_directory.empty()) route.options.spill_directory += "/sdk";
      routes_.push_back(std::move(route));
    }
  }
}

Status Forwarder::open(Route& route) {
  Result<std::unique_ptr<BackendSink>> sink = BackendSink::open(route.options);
  if (!sink) return Error{sink.error()};
  const std::lock_guard lock(mutex_);
  route.sink = std::move(sink).value();
  return Nothing{};
}

bool Forwarder::takes(Signal signal, Encoding encoding) const {
  return std::any_of(routes_.begin(), routes_.end(), [&](const Route& route) { return route.signal == signal && route.encoding == encoding; });
}

void Forwarder::send(Parcel&& parcel) {
  for (Route& route : routes_) {
    if (route.signal != parcel.signal || route.encoding != parcel.encoding) continue;
    if (!route.sink && !route.failed)
      if (const Status opened = open(route); !opened) {
        route.failed = true;  // not for each parcel again: the address was good enough for our own spans
        spdlog::error("{}", opened.error());
      }
    if (!route.sink) continue;
    Batch batch;
    batch.forwarded = parcel.body;
    batch.span_count = parcel.records;
    batch.weight_bytes = sizeof(Batch) + parcel.body.size();
    route.sink->send(std::move(batch));
  }
}

void Forwarder::begin_end(std::chrono::milliseconds deadline) {
  for (Route& route : routes_)
    if (route.sink) route.sink->begin_end(deadline);
}

void Forwarder::flush(std::chrono::milliseconds deadline) {
  for (Route& route : routes_)
    if (route.sink) route.sink->flush(deadline);
}

std::vector<std::pair<std::string, DeliveryLedger>> Forwarder::ledgers() const {
  std::vector<std::pair<std::string, DeliveryLedger>> all;
  const std::lock_guard lock(mutex_);
  for (const Route& route : routes_)
    if (route.sink) all.emplace_back(route.options.name, route.sink->ledger());
  return all;
}

}  // namespace suture

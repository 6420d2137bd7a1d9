#pragma once
// Forwarder: hands parcels to the destinations of OTLP, each by a sink of its own for each signal and encoding, as a sink sends to
// one URL. Sinks are made when the first parcel needs them.

#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "export/otlp/options.h"
#include "export/otlp/backend_sink.h"
#include "gateway/parcel.h"

namespace suture {

/// The address that takes `signal` where `options` name the one for traces. Nothing: only the address of traces is known.
std::optional<std::string> url_of(const BackendOptions& options, Signal signal);

class Forwarder {
 public:
  /// Needs a CurlRuntime that outlives it. With a spill directory all sinks are made at once: earlier runs may have left something.
  static Result<std::unique_ptr<Forwarder>> open(const std::vector<BackendOptions>& destinations);

  /// From any thread: some destination takes it.
  bool takes(Signal signal, Encoding encoding) const;
  /// To each destination that takes it. Never blocks.
  void send(Parcel&& parcel);
  /// As SpanSink has it.
  void begin_end(std::chrono::milliseconds deadline);
  void flush(std::chrono::milliseconds deadline);
  /// From any thread: of each sink by its name.
  std::vector<std::pair<std::string, DeliveryLedger>> ledgers() const;

 private:
  static constexpr std::size_t kEncodings = 2;

  /// One destination, one signal, one encoding.
  struct Route {
    Signal signal;
    Encoding encoding;
    BackendOptions options;
    std::unique_ptr<BackendSink> sink;  // nullptr: not needed yet, or it could not be made
    bool failed = false;
  };

  Forwarder() = default;
  void add_routes(const BackendOptions& destination);
  Status open(Route& route);

  std::vector<Route> routes_;
  mutable std::mutex mutex_;  // over the routes' sinks, which appear while ledgers are read
};

}  // namespace suture

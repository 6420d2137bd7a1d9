#pragma once
// Gateway: SDKs of this host export to us by OTLP/HTTP, and we send on to the destinations, with broken traces mended.
//
//   [ HTTP server's thread: intake ] --parcels--> [ thread "suture-gateway": mender --> forwarder ] --> sinks, each with a thread
//                                                     |   ^
//                                    spans to be placed   places
//                                                     v   |
//                                                [ capture thread: Pipeline ]

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "base/bounded_queue.h"
#include "base/counter.h"
#include "base/result.h"
#include "export/otlp/options.h"
#include "gateway/forwarder.h"
#include "gateway/intake.h"
#include "gateway/mender.h"
#include "http_server/http_server.h"
#include "trace/reported_span.h"

namespace suture {

struct GatewayOptions {
  std::string listen;  // "ADDRESS:PORT"; "": there is no gateway
  MendMode mend = MendMode::Link;
};

/// What became of the records of SDKs: received = forwarded + waiting, at any quiet moment. What was refused its SDK still has.
struct GatewayLedger {
  using Numbers = std::vector<std::pair<std::string, std::uint64_t>>;

  std::uint64_t received = 0, forwarded = 0;
  Numbers dropped;   // records
  Numbers refused;   // requests
  Numbers mended;
  Numbers placed;    // spans, by what the capture thread found
  std::vector<std::pair<std::string, DeliveryLedger>> deliveries;

  std::uint64_t waiting() const { return received - forwarded; }
};

class Gateway final : public ReportedSpans {
 public:
  /// Needs a CurlRuntime that outlives it. Fails in words if it cannot listen, or there is nowhere to send to.
  static Result<std::unique_ptr<Gateway>> open(const GatewayOptions& options, const std::vector<BackendOptions>& destinations);
  ~Gateway() override;

  std::uint16_t port() const { return server_->port(); }

  // Capture thread.
  std::vector<ReportedSpan> take() override;
  void on_placed(const Placement& placement) override;

  /// The end, as SpanSink has it: no more is taken, what waits is sent.
  void begin_end(std::chrono::milliseconds deadline);
  void flush(std::chrono::milliseconds deadline);
  /// From any thread.
  GatewayLedger ledger() const;

 private:
  using Item = std::variant<Parcel, Placement>;

  Gateway(MendMode mode, std::unique_ptr<Forwarder> forwarder);
  bool push(Parcel&& parcel);
  void run();

  std::unique_ptr<Forwarder> forwarder_;
  Counter forwarded_, asks_refused_, places_refused_;
  BoundedQueue<ReportedSpan> asks_;  // for the capture thread
  BoundedQueue<Item> inbox_;         // by bytes
  Mender mender_;                    // of the thread below
  Intake intake_;                    // of the server's thread
  std::thread thread_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace suture

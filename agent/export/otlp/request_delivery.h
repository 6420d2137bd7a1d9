#pragma once
// RequestDelivery: encoded requests on their way to one destination: the backlog, tries and waits, and what answers mean. What
// the requests hold, spans or data points, only its sink knows. One thread, but for wake().

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "export/delivery_account.h"
#include "export/otlp/backlog.h"
#include "export/otlp/backoff.h"
#include "export/otlp/endpoint_log.h"
#include "export/otlp/http_client.h"
#include "export/otlp/options.h"
#include "export/otlp/reply.h"
#include "export/otlp/spill.h"
#include "export/stop_time.h"

namespace suture {

class RequestDelivery {
 public:
  using Clock = std::chrono::steady_clock;
  using Now = std::function<Clock::time_point()>;

  /// Does not connect yet. `account` outlives the delivery; what an earlier run left is for its owner to enter, by waiting().
  static Result<std::unique_ptr<RequestDelivery>> open(const BackendOptions& options, DeliveryAccount& account, Now now = Clock::now);

  /// Items in all requests that wait.
  std::uint64_t waiting() const { return backlog_.spans(); }
  /// Takes a request of `items` items; empty: it was too large to be encoded.
  void add(std::string_view body, std::uint64_t items);
  /// Sends what is due, and waits for news: an answer, a time that has come, or wake().
  void work();
  /// The end: no waits for a better time, everything is tried once while the endpoint takes it.
  void drain(const StopTime& stop);
  /// From any thread: ends the wait of work() and drain().
  void wake() { client_->wake(); }
  /// The endpoint said that it has no use for requests of this signal.
  bool unwanted() const { return unwanted_; }

 private:
  RequestDelivery(const BackendOptions& options, DeliveryAccount& account, std::unique_ptr<HttpClient> client, std::optional<Spill> spill, Now now);

  std::chrono::milliseconds pause() const;
  void start_first();
  bool settle_first(const HttpReply& reply);
  void refused(const Delivery& delivery, long status, std::uint64_t items, Clock::time_point now);
  void drop(std::size_t index, Settlement outcome);
  void drop_expired();
  void drop_all();

  const BackendOptions options_;
  DeliveryAccount& account_;
  const Now now_;
  std::unique_ptr<HttpClient> client_;
  Backoff backoff_;
  EndpointLog log_;
  Backlog backlog_;                 // the first request is the one that is on its way, if one is
  bool disk_failed_ = false;
  bool unwanted_ = false;
  Clock::time_point not_before_{};  // the endpoint asked for a pause, or failed
};

}  // namespace suture

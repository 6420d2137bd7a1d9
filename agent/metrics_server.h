#pragma once
// MetricsServer: answers GET /metrics with what the capture thread hands over the desk, in the format that the scraper asks
// for.

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http_server/http_server.h"
#include "metrics/snapshot_desk.h"

namespace suture {

/// Listens at `address`, of which `source` is the option. `desk` outlives the server, and is closed before it ends.
Result<std::unique_ptr<HttpServer>> serve_metrics(std::string_view source, std::string_view address, SnapshotDesk& desk);

}  // namespace suture

#pragma once
// Live: the agent in the foreground. Wires the kernel's probe to a pipeline and its sinks, and keeps time until it is told
// to stop.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "edges/redis_address.h"
#include "export/batcher.h"
#include "export/factory/make_sinks.h"
#include "gateway/gateway.h"
#include "context_writing.h"
#include "kernel/hook_plan.h"
#include "metrics_export.h"
#include "pipeline.h"
#include "wire/limits.h"

namespace suture {

struct LiveOptions {
  HookChoice hooks = HookChoice::Auto;
  bool unix_sockets = false;
  std::uint32_t ring_bytes = SUTURE_RING_BYTES;  // a power of two, not less than that
  WritingOptions writing;
  PipelineOptions pipeline;
  ExportOptions exports;
  GatewayOptions gateway;
  std::optional<RedisAddress> edges;  // where agents of several hosts speak to each other; asks for a shared id key
  Batcher::Limits batch;
  MetricsExportOptions metrics;
  std::string proc_root = "/proc";
  std::string host_root = "/";
  std::string record_path;         // "": no recording
  bool record_raw = false;
  double cpu_budget = 1;           // share of the host's CPU time that the agent takes where it is not idle; 1: no limit
  std::string ledger_path;         // "": none; rewritten each second and at the end
  std::string connections_path;    // "": none; JSON lines
  std::string control_path;        // "": none; the Unix socket of suture explain
  std::vector<std::string> command;  // empty: the whole host until SIGTERM; else this command until it ends
  bool runtime_walks = true;       // look for the waiting requests of runtimes that are known, in the processes' memory
  bool quiet = false;              // no summary at the end
};

/// Blocks until SIGTERM or SIGINT (or the command's end), then flushes within 2 s. Returns the exit code: 0, or that of
/// the command. Says "ready" on standard error once the hooks are attached.
Result<int> run_live(LiveOptions options);

}  // namespace suture

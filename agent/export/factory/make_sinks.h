#pragma once
// make_sinks: the one list of all exporters. A new one is a folder beside this and a line in make_sinks.cpp.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "export/console/console_sink.h"
#include "export/otlp/options.h"
#include "export/span_sink.h"

namespace suture {

/// Nothing by default: spans go only where somebody asked for them.
struct ExportOptions {
  std::optional<ConsoleOptions> console;
  std::string jsonl_path;  // "-": standard output; "": none
  std::vector<BackendOptions> otlp;  // each has an endpoint. With any, main holds a CurlRuntime.
};

/// Local, fast sinks first: the order in which they are flushed.
Result<std::vector<std::unique_ptr<SpanSink>>> make_sinks(const ExportOptions& options);

}  // namespace suture

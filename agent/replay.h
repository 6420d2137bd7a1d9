#pragma once
// Replay: a recording through the same pipeline, without root and without a kernel. The same recording and options give
// the same bytes on any machine.

#include <functional>
#include <string>

#include "base/result.h"
#include "export/factory/make_sinks.h"
#include "pipeline.h"

namespace suture {

struct ReplayOptions {
  std::string path;
  PipelineOptions pipeline;  // its id_key is replaced by the recording's seed
  ExportOptions exports;
  bool quiet = false;        // no summary at the end
  std::function<void(Pipeline&)> at_end = [](Pipeline&) {};  // sees it when the recording is over
};

Status run_replay(const ReplayOptions& options);

}  // namespace suture

#pragma once
// The process context: the resource that an OpenTelemetry SDK publishes of itself in the memory of its process, for readers
// like us (OTEP 4719, oteps/profiles/4719-process-ctx.md). It says what neither environment nor command line do: what the
// program's own code set.

#include "base/fd.h"
#include "process/resource_attributes.h"

namespace suture {

/// The texts among its attributes, at most 64. Empty: nothing is published, or it may not be read (CAP_SYS_PTRACE).
/// `process` is the process's directory in /proc. May block: it reads the process's list of mappings and its memory.
ResourceAttributes read_process_context(const Fd& process);

}  // namespace suture

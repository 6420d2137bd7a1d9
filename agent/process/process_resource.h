#pragma once
// The OpenTelemetry resource of an observed process (semantic conventions v1.44.0: service, process, container, host,
// os). What describes the exporter itself (telemetry.*) is the exporter's to add.

#include "base/ids.h"
#include "process/host_facts.h"
#include "process/process_facts.h"
#include "trace/batch.h"

namespace suture {

/// `malformed_environment` is set when OTEL_RESOURCE_ATTRIBUTES had to be discarded; never reset.
/// An attribute that the process's own environment sets replaces what was detected, except telemetry.*. What an SDK publishes
/// replaces service.*, and is added where nothing was detected.
Resource make_resource(const HostFacts& host, const ProcessKey& key, const ProcessFacts& facts,
                       bool& malformed_environment);

}  // namespace suture

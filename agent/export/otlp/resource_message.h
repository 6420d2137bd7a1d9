#pragma once
// A resource as a message of OTLP, with what describes the agent as its SDK: the same for spans and metrics.

#include "export/otlp/otlp.pb.h"
#include "trace/batch.h"

namespace suture {

void fill_resource(const Resource& resource, otlp::v1::Resource& out);

}  // namespace suture

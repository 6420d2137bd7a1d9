#pragma once
// OTLP's JSON form of a batch: the body of a request by http/json, and a line of the OTLP file format.

#include <string>

#include "base/json_writer.h"
#include "trace/batch.h"

namespace suture {

// What the JSON forms of spans and of metrics have in common.
void write_otlp_json(JsonWriter& json, const Resource& resource);
void write_otlp_json_scope(JsonWriter& json);

/// Appends one object, on one line and without its end. The same batch gives the same bytes on any machine.
void append_otlp_json(std::string& out, const Batch& batch);

}  // namespace suture

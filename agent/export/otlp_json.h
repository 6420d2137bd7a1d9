#pragma once
// OTLP's JSON form of a batch: the body of a request by http/json, and a line of the OTLP file format.

#include <string>

#include "trace/batch.h"

namespace suture {

/// Appends one object, on one line and without its end. The same batch gives the same bytes on any machine.
void append_otlp_json(std::string& out, const Batch& batch);

}  // namespace suture

#pragma once
// OTLP's JSON form of a batch, as in the OTLP file format: one TracesData object on one line.

#include <string>

#include "trace/batch.h"

namespace suture {

/// Appends one line, its end included. The same batch gives the same bytes on any machine.
void append_otlp_json_line(std::string& out, const Batch& batch);

}  // namespace suture

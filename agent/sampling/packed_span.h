#pragma once
// Packed spans: a span that waits takes a third of the room, behind others of its trace in one text.
// Only of this process: texts that are literals are kept as pointers.

#include <string>
#include <string_view>

#include "trace/span.h"

namespace suture {

/// Appends all of the span but its trace id.
void pack(const Span& span, std::string& out);

/// Takes the first span off the front of `packed`, which pack() has written.
Span unpack(std::string_view& packed, const TraceId& trace);

}  // namespace suture

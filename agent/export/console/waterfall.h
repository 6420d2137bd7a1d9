#pragma once
// draw_trace: one trace as text, a line per span, children under their parents, bars on one scale of time.
//
//   trace 4bf92f3577b34da6a3ce929d0e0e4736  2 spans  3.4 ms
//     curl       → GET /hello  200   3.4 ms  ████████████████████████
//     └ python3  ← GET /hello  200   2.9 ms    ████████████████████▌
//
// → sends a request, ← answers one, ~ before a service: the link to its parent is likely, not sure.

#include <string>

#include "export/console/trace_board.h"

namespace suture {

struct WaterfallStyle {
  int columns = 100;  // of the terminal
  bool color = false;
};

/// Ends with an empty line. Pure: the same trace and style give the same text.
std::string draw_trace(const FinishedTrace& trace, const WaterfallStyle& style);

}  // namespace suture

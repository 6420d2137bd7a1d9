// Any text as a rule of --keep and as a tracestate: no crash, an error or a value, and a threshold that is written can be read.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "require.h"
#include "sampling/keep_parser.h"
#include "sampling/ot_state.h"
#include "trace/trace_context.h"

using namespace suture;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto rule = parse_keep_rule(text);
  if (!rule) require(!rule.error().empty());
  else for (const KeepRule::Met met : {0u, 1u, ~0u}) require(rule.value().threshold(met) <= kNever);

  const std::string written = with_threshold(text, threshold_of(0.01));
  require(ot_state_of(written).threshold == threshold_of(0.01));
  require(written.size() <= kTraceStateLimitBytes);
  require(!ot_state_of(with_threshold(written, std::nullopt)).threshold);
  return 0;
}

// libFuzzer target: trace context in all formats. The input is traceparent's value, then one tracestate value per line; the
// same lines are the values of the other formats' fields.
// Whatever comes in, what comes out is a valid context that survives being sent on.

#include <cstdint>
#include <string_view>
#include <vector>

#include "require.h"
#include "trace/formats/b3.h"
#include "trace/formats/baggage.h"
#include "trace/formats/datadog.h"
#include "trace/formats/jaeger.h"
#include "trace/formats/xray.h"
#include "trace/trace_context.h"

namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

void try_other_formats(const std::vector<std::string_view>& lines) {
  using namespace suture;
  const auto line = [&](std::size_t i) { return i < lines.size() ? lines[i] : std::string_view(); };
  for (const auto& context :
       {parse_b3(line(0), {line(1), line(2), line(3), line(4)}), parse_jaeger(line(0)), parse_xray(line(0)),
        parse_datadog({line(0), line(1), line(2), line(3)})}) {
    if (!context) continue;
    require(context->trace_id.valid() && (context->flags & ~kTraceFlagSampled) == 0 && context->trace_state.empty());
  }
  const std::string once = select_baggage(lines, {"*"});
  const std::string_view again = once;
  require(once.size() <= 8192 && select_baggage({&again, 1}, {"*"}) == once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace suture;
  const std::vector<std::string_view> lines = lines_of({reinterpret_cast<const char*>(data), size});
  const std::span<const std::string_view> states = std::span(lines).subspan(1);
  try_other_formats(lines);
  require(!parse_trace_context(0, lines[0], states) && !parse_trace_context(2, lines[0], states));

  // A random input is seldom a valid traceparent: tracestate is tried behind a good one as well.
  constexpr std::string_view kGood = "00-a1b2c3d4e5f60718293a4b5c6d7e8f90-0f1e2d3c4b5a6978-01";
  for (const std::string_view traceparent : {lines[0], kGood}) {
    const auto context = parse_trace_context(1, traceparent, states);
    if (!context) continue;
    require(context->trace_id.valid() && context->parent.valid());
    require((context->flags & ~(kTraceFlagSampled | kTraceFlagRandom)) == 0);
    require(context->trace_state.size() <= kTraceStateLimitBytes);

    const std::string sent = serialize_traceparent(context->trace_id, context->parent, context->flags);
    const std::string_view state = context->trace_state;
    const auto again = parse_trace_context(1, sent, {&state, 1});
    require(again && again->trace_id == context->trace_id && again->parent == context->parent);
    require(again->flags == context->flags && again->trace_state == context->trace_state);
  }
  return 0;
}

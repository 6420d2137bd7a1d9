#include "export/factory/make_sinks.h"

#include <utility>

#include "export/jsonl/jsonl_sink.h"
#include "export/otlp/backend_sink.h"

namespace suture {
namespace {

using Sinks = std::vector<std::unique_ptr<SpanSink>>;

template <typename Sink>
Status add(Sinks& sinks, Result<std::unique_ptr<Sink>> sink) {
  if (!sink) return Error{sink.error()};
  sinks.push_back(std::move(sink).value());
  return Nothing{};
}

}  // namespace

Result<Sinks> make_sinks(const ExportOptions& options) {
  if (options.console && options.jsonl_path == "-")
    return Error{
        "the console and the JSON lines both want standard output: write the lines to a file, or turn the console "
        "off."};

  Sinks sinks;
  Status status = Nothing{};
  if (options.console) sinks.push_back(std::make_unique<ConsoleSink>(*options.console));
  if (status && !options.jsonl_path.empty()) status = add(sinks, JsonlSink::open(options.jsonl_path));
  for (const BackendOptions& otlp : options.otlp)
    if (status) status = add(sinks, BackendSink::open(otlp));
  if (!status) return Error{status.error()};
  return sinks;
}

}  // namespace suture

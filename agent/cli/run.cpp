// suture run: the agent in the foreground. suture record FILE: the same, writing a recording and nothing else.

#include <unistd.h>

#include <bit>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>

#include <spdlog/spdlog.h>

#include "commands.h"
#include "config_file.h"
#include "control/control_socket.h"
#include "destination_options.h"
#include "edges_options.h"
#include "export/bsp.h"
#include "export/exporter_choice.h"
#include "export/span_limits.h"
#include "gateway_options.h"
#include "live.h"
#include "metrics_options.h"
#include "naming_options.h"
#include "propagate_options.h"
#include "sampling_options.h"
#include "wire/limits.h"

namespace suture {
namespace {

constexpr std::uint64_t kMostRingBytes = 256ull << 20;
constexpr std::uint64_t kRecordingRingBytes = 16ull << 20;
constexpr double kBudgetPercent = 1;
constexpr const char* kDefaultConfig = "/etc/suture/suture.yaml";

/// What the command line, the environment and the configuration file say, as text.
struct RunArguments {
  std::string hooks = "auto", otlp_file, console = "auto", color = "auto", query = "redacted", record, ledger, connections, id_key_file,
              control = kControlPath, log_level = "info";
  FilterRules filter;
  DestinationArguments destinations;
  GatewayArguments gateway;
  NamingArguments naming;
  EdgesArguments edges;
  PropagateArguments propagate;
  SamplingArguments sampling;
  std::vector<std::string> probe_paths, propagators, baggage;
  bool unix_sockets = false, body_sizes = false, raw = false, keep_probes = false, keep_otlp = false, observe_sdks = false, no_runtime_walks = false, quiet = false, dry_run = false;
  std::optional<double> cpu_budget;  // percent
  std::uint64_t ring_size = SUTURE_RING_BYTES;
  std::vector<std::string> command;
  MetricsArguments metrics;
};

std::string ring_size_fits(const std::string& text) {
  std::uint64_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  const bool fits = error == std::errc() && *end == '\0' && std::has_single_bit(bytes) && bytes >= SUTURE_RING_BYTES && bytes <= kMostRingBytes;
  return fits ? "" : "'" + text + "' bytes: must be a power of two from 1MiB to 256MiB, e.g. 4MiB";
}

void add_options(CLI::App& run, RunArguments& a) {
  const auto option = [&run](const char* name, auto& value, const char* help) {
    std::string variable = "SUTURE_";
    for (const char* c = name + 2; *c; ++c) variable += *c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(*c)));
    return run.add_option(name, value, help)->envname(variable);
  };
  const auto flag = [&run](const char* name, bool& value, const char* help) { return run.add_flag(name, value, help); };

  add_destination_options(run, a.destinations);
  add_spill_options(run, a.destinations);
  flag("--dry-run", a.dry_run, "Print where spans and metrics would be sent, and how, and end");
  add_gateway_options(run, a.gateway);
  add_propagate_options(run, a.propagate);
  option("--otlp-file", a.otlp_file, "Append spans to this file as OTLP JSON lines; - is standard output");
  option("--console", a.console, "Draw traces on standard output: auto (when there is no other destination, or on a terminal), always, never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  option("--color", a.color, "auto, always, never (NO_COLOR is honoured)")->check(CLI::IsMember({"auto", "always", "never"}));
  option("--hooks", a.hooks, "How to watch sockets: auto, sendmsg-locked, sock-length, fentry, sys-exit")
      ->check(CLI::IsMember({"auto", "sendmsg-locked", "sock-length", "fentry", "sys-exit"}));
  run.add_flag("--unix-sockets", a.unix_sockets, "Also HTTP over Unix stream sockets (nginx to an application server)")
      ->envname("SUTURE_UNIX_SOCKETS");
  option("--include", a.filter.include.executables, "Trace only these executables (glob of the name, or of the path)")->delimiter(',');
  option("--exclude", a.filter.exclude.executables, "Do not trace these executables")->delimiter(',');
  option("--include-pid", a.filter.include.pids, "Trace only these processes")->delimiter(',');
  option("--exclude-pid", a.filter.exclude.pids, "Do not trace these processes")->delimiter(',');
  option("--include-port", a.filter.include.ports, "Trace only requests to these server ports")->delimiter(',');
  option("--exclude-port", a.filter.exclude.ports, "Do not trace requests to these server ports")->delimiter(',');
  option("--include-cgroup", a.filter.include.cgroups, "Trace only processes of these cgroups (glob of the path)")->delimiter(',');
  option("--exclude-cgroup", a.filter.exclude.cgroups, "Do not trace processes of these cgroups")->delimiter(',');
  option("--query", a.query, "Query strings in spans: off, redacted (values of sensitive keys), full")
      ->check(CLI::IsMember({"off", "redacted", "full"}));
  add_naming_options(run, a.naming, true);
  run.add_flag("--body-sizes", a.body_sizes, "Sizes of bodies also as attributes of spans, where they are known (metrics have them anyway)")
      ->envname("SUTURE_BODY_SIZES");
  option("--probe-path", a.probe_paths, "Paths that are health checks (replaces the default list)")->delimiter(',');
  option("--propagators", a.propagators, "Formats of trace context to read, the first valid one wins: tracecontext, baggage, b3, b3multi, jaeger, "
                                         "xray, datadog; or none (default: OTEL_PROPAGATORS, else tracecontext,baggage)")
      ->delimiter(',');
  option("--baggage", a.baggage, "Keys of W3C baggage that spans carry as suture.baggage, * is all (default: none)")->delimiter(',');
  flag("--observe-sdks", a.observe_sdks, "Also export spans of requests that an SDK inside the process reports, marked suture.observed");
  flag("--keep-probes", a.keep_probes, "Export spans of health checks too");
  flag("--keep-otlp", a.keep_otlp, "Export spans of OTLP uploads too");
  add_sampling_options(run, a.sampling, true);
  option("--id-key-file", a.id_key_file, "File with 16 bytes: hosts that share it derive the same span ids (default: random)");
  add_edges_options(run, a.edges);
  option("--cpu-budget", a.cpu_budget, "Percent of the host's CPU time that the agent may take where little is idle; exchanges beyond are shed "
                                       "and counted (100: no limit; default: 1, and no limit with a command)")
      ->check(CLI::Range(0.1, 100.0));
  option("--ring-size", a.ring_size, "Memory for events on their way from the kernel, e.g. 4MiB: a power of two from 1MiB (default) to 256MiB; "
                                     "more where events are dropped as ring_full, at the cost of cache misses")
      ->transform(CLI::AsSizeValue(false))
      ->check(ring_size_fits);
  option("--record", a.record, "Also write the raw events to this file, redacted");
  flag("--raw", a.raw, "Do not redact the recording");
  option("--ledger", a.ledger, "Write what was seen, exported and dropped to this file, each second, as JSON");
  option("--control", a.control, "Answer suture explain at this Unix socket; \"\": do not");
  option("--connections", a.connections, "Append connections that are not HTTP/1 to this file as JSON lines");
  option("--log-level", a.log_level, "debug, info, warn, error")->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  flag("--no-runtime-walks", a.no_runtime_walks,
       "Do not look into the memory of services for the request that waits (Go, Python): fewer links, one read per message");
  add_metrics_options(run, a.metrics);
  flag("--quiet", a.quiet, "No summary at the end");
  run.add_option("command", a.command, "-- CMD...: trace this command, and what its requests lead to, until it ends");
}

Result<IdKey> id_key_of(const std::string& path) {
  if (path.empty()) return random_id_key();
  std::ifstream file(path, std::ios::binary);
  IdKey key;
  if (!file.read(reinterpret_cast<char*>(key.bytes.data()), static_cast<std::streamsize>(key.bytes.size())))
    return Error{"id key file '" + path + "': cannot read 16 bytes. Make one: head -c 16 /dev/urandom > FILE; chmod 600 FILE"};
  return key;
}

ColorMode color_of(const std::string& text) {
  return text == "always" ? ColorMode::Always : text == "never" ? ColorMode::Never : ColorMode::Auto;
}

const char* environment(const char* name) { return std::getenv(name); }

Result<LiveOptions> live_options_of(const RunArguments& a) {
  LiveOptions live;
  Result<HookChoice> hooks = parse_hook_choice(a.hooks);
  if (!hooks) return Error{hooks.error()};
  live.hooks = *hooks;
  live.unix_sockets = a.unix_sockets;
  live.ring_bytes = static_cast<std::uint32_t>(a.ring_size);

  Warnings warnings;
  live.batch = bsp_from(environment, warnings).batch;
  Result<std::vector<BackendOptions>> otlp = destinations_of(a.destinations, environment, warnings);
  if (!otlp) return Error{otlp.error()};
  live.exports.otlp = std::move(otlp).value();
  live.exports.jsonl_path = a.otlp_file;
  Result<MetricsExportOptions> metrics = metrics_export_of(a.metrics, a.destinations, !a.command.empty(), environment, warnings);
  if (!metrics) return Error{metrics.error()};
  live.metrics = std::move(metrics).value();
  live.gateway = gateway_options_of(a.gateway);
  Result<std::optional<RedisAddress>> edges = edges_of(a.edges, !a.id_key_file.empty(), environment, warnings);
  if (!edges) return Error{edges.error()};
  live.edges = std::move(edges).value();
  Warnings said_already;
  const Sampler sampler = sampler_from(environment, warnings);
  live.pipeline.limits = span_limits_from(environment, warnings);
  const bool asked_for = exporter_choice_from(environment, said_already).console;
  for (const std::string& warning : warnings) spdlog::warn("{}", warning);
  const bool elsewhere = !a.otlp_file.empty() || !live.exports.otlp.empty() || !a.record.empty();
  const bool free_to_draw = a.otlp_file != "-" && (!elsewhere || ::isatty(STDOUT_FILENO));
  if (a.console == "always" || (a.console == "auto" && (asked_for || free_to_draw))) {
    ConsoleOptions console;
    console.color = color_of(a.color);
    live.exports.console = console;
  }

  PipelineOptions& p = live.pipeline;
  Result<IdKey> key = id_key_of(a.id_key_file);
  if (!key) return Error{key.error()};
  p.id_key = *key;
  p.id_key_is_shared = !a.id_key_file.empty();
  p.http.query = a.query == "off" ? QueryCapture::Off : a.query == "full" ? QueryCapture::Full : QueryCapture::Redacted;
  p.http.body_sizes = a.body_sizes;
  if (const char* methods = std::getenv("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS")) p.http.known_methods = known_methods_from(methods);
  if (!a.probe_paths.empty()) p.probes.paths = a.probe_paths;
  std::vector<std::string> unknown;
  const char* const propagators = std::getenv("OTEL_PROPAGATORS");
  p.context.propagators = a.propagators.empty() && propagators ? propagators_from(propagators, unknown) : propagators_from(a.propagators, unknown);
  for (const std::string& warning : unknown) spdlog::warn("{}", warning);
  Result<PropagateOptions> propagate = propagate_options_of(a.propagate, p.context.propagators, p.id_key_is_shared);
  if (!propagate) return Error{propagate.error()};
  live.writing = propagate->writing;
  p.traced = propagate->processes;
  p.context.baggage = a.baggage;
  p.context.observe_sdks = a.observe_sdks;
  p.keep_probes = a.keep_probes;
  p.keep_intake = a.keep_otlp;
  p.filter = a.filter;
  Result<NamingOptions> naming = naming_options_of(a.naming);
  if (!naming) return Error{naming.error()};
  p.naming = std::move(naming).value();
  Result<SamplingOptions> sampling = sampling_options_of(a.sampling, sampler);
  if (!sampling) return Error{sampling.error()};
  p.sampling = std::move(sampling).value();

  if (const char* root = std::getenv("HOST_PROC")) live.proc_root = root;
  if (const char* root = std::getenv("HOST_ROOT")) live.host_root = root;
  live.record_path = a.record;
  live.record_raw = a.raw;
  // Who asks for one command wants to see all that it did.
  live.cpu_budget = a.cpu_budget.value_or(a.command.empty() ? kBudgetPercent : 100) / 100;
  live.ledger_path = a.ledger;
  live.connections_path = a.connections;
  live.control_path = a.control;
  live.runtime_walks = !a.no_runtime_walks;
  live.command = a.command;
  live.quiet = a.quiet || !a.command.empty();
  return live;
}

void say_destinations(const std::vector<BackendOptions>& destinations, bool dry_run) {
  for (const BackendOptions& each : destinations) {
    if (dry_run) std::fputs(each.description().c_str(), stdout);
    else if (destinations.size() > 1) spdlog::info("{} is {}, by {}", each.name, each.shown(), name_of(each.protocol));
  }
  if (dry_run && destinations.empty()) std::puts("Spans are sent nowhere.");
}

int run(const RunArguments& arguments) {
  spdlog::set_level(spdlog::level::from_str(arguments.log_level));
  Result<LiveOptions> options = live_options_of(arguments);
  if (!options) {
    std::fprintf(stderr, "suture: %s\n", options.error().c_str());
    return kUsage;
  }
  say_destinations(options->exports.otlp, arguments.dry_run);
  if (arguments.dry_run) {
    for (BackendOptions metrics : options->metrics.otlp) {
      metrics.name += ", metrics";
      std::fputs(metrics.description().c_str(), stdout);
    }
    return kDone;
  }
  Result<int> ended = run_live(std::move(options).value());
  if (ended) return *ended;
  std::fprintf(stderr, "suture: %s\n", ended.error().c_str());
  return ended.error().rfind("not permitted", 0) == 0 ? kUsage : kFailed;
}

class Run final : public Command {
 public:
  explicit Run(CLI::App& app) : Run(app, app.add_subcommand("run", "Trace this host, or one command, until stopped")) {}
  int execute() override { return run(arguments_); }

 private:
  Run(CLI::App& app, CLI::App* command) : Command(command) {
    add_options(*command, arguments_);
    app.config_formatter(std::make_shared<YamlConfig>(*command));  // CLI11's interface asks for a shared_ptr
    app.set_config("--config", kDefaultConfig, "Configuration file (YAML; keys are the option names of run)");
    app.allow_config_extras(false);
    command->fallthrough();  // so that --config may stand behind "run"
  }

  RunArguments arguments_;
};

class Record final : public Command {
 public:
  explicit Record(CLI::App& app) : Record(app.add_subcommand("record", "Record the raw events of this host to a file, until stopped")) {}
  int execute() override {
    arguments_.console = "never";
    arguments_.metrics.ui = "off";
    // A recording is asked for, and is of use when it is whole.
    arguments_.cpu_budget = 100;
    arguments_.ring_size = kRecordingRingBytes;
    return run(arguments_);
  }

 private:
  explicit Record(CLI::App* command) : Command(command) {
    command->add_option("FILE", arguments_.record, "The recording; suture replay FILE reads it")->required();
    command->add_option("--hooks", arguments_.hooks, "As for run");
    command->add_flag("--unix-sockets", arguments_.unix_sockets, "As for run");
    command->add_flag("--raw", arguments_.raw, "Do not redact: header values, queries and bodies are kept");
    command->add_option("command", arguments_.command, "-- CMD...: record until this command ends");
  }

  RunArguments arguments_;
};

}  // namespace

std::unique_ptr<Command> make_run(CLI::App& app) { return std::make_unique<Run>(app); }
std::unique_ptr<Command> make_record(CLI::App& app) { return std::make_unique<Record>(app); }

}  // namespace suture

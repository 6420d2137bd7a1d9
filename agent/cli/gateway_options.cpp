#include "gateway_options.h"

namespace suture {

void add_gateway_options(CLI::App& run, GatewayArguments& arguments) {
  run.add_option("--otlp-listen", arguments.listen,
                 "Take what SDKs of this host export by OTLP/HTTP at ADDRESS:PORT, e.g. 127.0.0.1:4318, and send it on to the destinations of --otlp")
      ->envname("SUTURE_OTLP_LISTEN");
  run.add_option("--mend", arguments.mend,
                 "Where an SDK began a trace of its own, as the caller had sent no context: link (a span link to our span of the request), rewrite "
                 "(its trace becomes the caller's, in spans, logs and exemplars)")
      ->envname("SUTURE_MEND")
      ->check(CLI::IsMember({"link", "rewrite"}));
}

GatewayOptions gateway_options_of(const GatewayArguments& arguments) {
  return {.listen = arguments.listen, .mend = arguments.mend == "rewrite" ? MendMode::Rewrite : MendMode::Link};
}

}  // namespace suture

#pragma once
// Options of the OTLP gateway, for suture run.

#include <string>

#include <CLI/CLI.hpp>

#include "gateway/gateway.h"

namespace suture {

struct GatewayArguments {
  std::string listen, mend = "link";
};

void add_gateway_options(CLI::App& run, GatewayArguments& arguments);
GatewayOptions gateway_options_of(const GatewayArguments& arguments);

}  // namespace suture

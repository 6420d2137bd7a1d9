#include "propagate_options.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace suture {
namespace {

/// As a socket of either family names it.
bool add_address(const std::string& text, std::vector<std::array<std::uint8_t, 16>>& addresses) {
  std::array<std::uint8_t, 16> address{};
  if (::inet_pton(AF_INET6, text.c_str(), address.data()) == 1) {
    addresses.push_back(address);
    return true;
  }
  if (::inet_pton(AF_INET, text.c_str(), address.data()) != 1) return false;
  addresses.push_back(address);
  std::array<std::uint8_t, 16> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  std::memcpy(mapped.data() + 12, address.data(), 4);
  addresses.push_back(mapped);
  return true;
}

}  // namespace

void add_propagate_options(CLI::App& run, PropagateArguments& arguments) {
  run.add_option("--propagate", arguments.method,
                 "Write trace context into what chosen services send, where it is sure which request that is for: off, header (a traceparent in the first "
                 "request of a connection), tcp (a TCP option beside each request, which agents with the same --id-key-file read). See "
                 "docs/context.md for what this risks")
      ->envname("SUTURE_PROPAGATE")
      ->check(CLI::IsMember({"off", "header", "tcp"}));
  run.add_option("--propagate-service", arguments.services, "Services that --propagate is for (glob of the name)")->delimiter(',')->envname("SUTURE_PROPAGATE_SERVICE");
  run.add_option("--propagate-exe", arguments.executables, "Executables that it is for (glob of the name, or of the path)")->delimiter(',')->envname("SUTURE_PROPAGATE_EXE");
  run.add_option("--propagate-port", arguments.ports, "Only requests to these ports")->delimiter(',')->envname("SUTURE_PROPAGATE_PORT");
  run.add_option("--propagate-peer", arguments.peers, "Only requests to these IP addresses")->delimiter(',')->envname("SUTURE_PROPAGATE_PEER");
}

Result<PropagateOptions> propagate_options_of(const PropagateArguments& a, const Propagators& propagators, bool id_key_is_shared) {
  PropagateOptions options;
  if (a.method == "off") return options;
  options.writing.method = a.method == "tcp" ? WritingMethod::Tcp : WritingMethod::Header;
  options.writing.ports = a.ports;
  options.processes = {a.services, a.executables};
  if (a.method == "tcp" && !id_key_is_shared)
    return Error{"--propagate tcp needs --id-key-file: hosts that do not share a key give the same request different ids, and would understand nothing of what "
                 "they send each other. Make one for all of them: head -c 16 /dev/urandom > FILE; chmod 600 FILE"};
  if (a.method == "header" && options.processes.empty())
    return Error{"--propagate header changes what services send, so it must be told which: name them by --propagate-service 'orders*' or "
                 "--propagate-exe nginx"};
  for (const std::string& peer : a.peers)
    if (!add_address(peer, options.writing.addresses)) return Error{"--propagate-peer '" + peer + "': not an IP address, like 10.0.0.7 or ::1"};
  if (a.ports.size() > SUTURE_TRACE_PORTS) return Error{"--propagate-port: at most 16 ports"};
  if (options.writing.addresses.size() > SUTURE_TRACE_ADDRESSES) return Error{"--propagate-peer: at most 16 addresses"};
  const bool only_w3c = std::find(propagators.begin(), propagators.end(), Propagator::TraceContext) != propagators.end() &&
                        std::all_of(propagators.begin(), propagators.end(), [](Propagator p) { return p == Propagator::TraceContext || p == Propagator::Baggage; });
  if (!only_w3c) return Error{"--propagate knows traceparent only: use it with --propagators tracecontext,baggage"};
  return options;
}

}  // namespace suture

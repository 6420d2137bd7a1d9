#pragma once
// Sentences: what a finding means, for people.

#include <string>

#include "propagation/findings.h"

namespace suture {

/// "orders (pid 812)".
std::string who(const std::string& service, const std::vector<std::uint32_t>& pids);

/// "" where there is nothing to say: the service passes the context on, or has never had one to pass on to this peer.
std::string sentence_of(const PropagationFinding& finding);

}  // namespace suture

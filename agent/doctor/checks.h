#pragma once
// The checks of `suture doctor`; each is a file check_*.cpp. What a check judges is given to it where it can be, so
// that tests need no other host.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "doctor/finding.h"
#include "export/otlp/http_client.h"
#include "export/otlp/options.h"
#include "kernel/privileges.h"
#include "kernel/probe.h"

namespace suture {

/// `release`: of uname(2).
Finding check_kernel_version(std::string_view release);

/// The kernel's types, without which no program of ours can be fitted to it.
Finding check_btf(const std::string& path);

/// Settings that restrict BPF: information, as the hooks are really tried. Absent files are settings the kernel lacks.
std::vector<Finding> check_policies(const std::string& sysctl_kernel, const std::string& lockdown);

/// One by one, with what each is for.
std::vector<Finding> check_capabilities(const std::function<bool(Capability)>& has, std::string_view release);

/// The user and PID namespaces must be the host's. `own`: a directory as /proc/self/ns. `proc_root`: the /proc that the
/// agent reads, which may be the host's although our namespace is not.
std::vector<Finding> check_namespaces(const std::string& own, const std::string& proc_root);

/// What Probe::try_all() comes to without privileges; libbpf's own words mislead then.
std::vector<HookAttempt> refused_attempts();
/// `attempts`: of Probe::try_all(). A hook point without any mechanism is a failure, a single mechanism that does not
/// attach is none, unless `choice` names it.
std::vector<Finding> check_hooks(const std::vector<HookAttempt>& attempts, HookChoice choice);

/// Attaches, lets two children have one request on the loopback device, and looks for its two spans. Other traffic does
/// not matter.
Finding check_loopback(HookChoice choice, bool may_attach);

/// Whether `suture run --propagate header` would write here. Nothing is lost if not: it is asked for by few.
Finding check_headers(HookChoice choice, bool may_attach);

/// Sends a request without spans to each, if there are any; their error is a finding too. Starts libcurl.
std::vector<Finding> check_destinations(const Result<std::vector<BackendOptions>>& destinations);
/// What the answer to that means.
Finding judge_otlp(const BackendOptions& options, const HttpReply& reply);

}  // namespace suture

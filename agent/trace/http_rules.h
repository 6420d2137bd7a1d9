#pragma once
// Requests that are counted and, by default, not exported: health probes, and telemetry on its way to a collector.

#include <string>
#include <vector>

#include "proto/exchange.h"

namespace suture {

struct ProbeRules {
  /// A User-Agent that begins with one of these is a prober's.
  std::vector<std::string> user_agents = {
      "kube-probe/",                          // kubelet
      "ELB-HealthChecker/",                   // AWS load balancers
      "Amazon-Route53-Health-Check-Service",  // AWS Route 53
      "GoogleHC/",                            // Google Cloud load balancers
      "Load Balancer Agent",                  // Azure Load Balancer
      "Edge Health Probe",                    // Azure Front Door
      "Envoy/HC",                             // Envoy's active health checks
      "Consul Health Check",
  };
  /// A GET or HEAD of one of these paths, or of a path below it, is a probe's.
  std::vector<std::string> paths = {"/healthz", "/livez", "/readyz"};
};

bool is_probe(const HttpRequest& request, const ProbeRules& rules);

/// A POST to a path that ends in /v1/traces, /v1/metrics or /v1/logs: OTLP/HTTP, at whatever prefix its receiver
/// stands.
bool is_otlp_intake(const HttpRequest& request);
/// Of these the ones that carry spans.
bool is_otlp_spans(const HttpRequest& request);

}  // namespace suture

#include "context_writing.h"

#include <algorithm>
#include <cstring>

#include "kernel/cgroup_root.h"
#include "kernel/header_self_test.h"
#include "kernel/option_self_test.h"

namespace suture {
namespace {

trace_settings settings_of(const WritingOptions& options, const IdKey& key) {
  trace_settings settings{};
  std::memcpy(settings.id_key, key.bytes.data(), sizeof(settings.id_key));
  settings.port_count = static_cast<std::uint32_t>(std::min<std::size_t>(options.ports.size(), SUTURE_TRACE_PORTS));
  std::copy_n(options.ports.begin(), settings.port_count, settings.ports);
  settings.address_count = static_cast<std::uint32_t>(std::min<std::size_t>(options.addresses.size(), SUTURE_TRACE_ADDRESSES));
  for (std::uint32_t i = 0; i < settings.address_count; ++i) std::copy(options.addresses[i].begin(), options.addresses[i].end(), settings.addresses[i]);
  return settings;
}

}  // namespace

std::string_view name_of(WritingMethod method) {
  switch (method) {
    case WritingMethod::Off: return "off";
    case WritingMethod::Header: return "header";
    case WritingMethod::Tcp: return "tcp";
  }
  return "";
}

Status begin_context_writing(Probe& probe, HookChoice hooks, const WritingOptions& options, const IdKey& key) {
  Result<Fd> cgroup = open_cgroup_root();
  if (!cgroup) return Error{cgroup.error()};
  const bool header = options.method == WritingMethod::Header;
  if (Status tested = header ? header_self_test(hooks, cgroup->get()) : option_self_test(hooks, cgroup->get()); !tested) return tested;
  if (Status follows = probe.follow_traces(settings_of(options, key)); !follows) return follows;
  return header ? probe.write_headers(cgroup->get()) : probe.carry_traces(cgroup->get());
}

}  // namespace suture

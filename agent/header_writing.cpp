#include "header_writing.h"

#include <algorithm>
#include <cstring>

#include "kernel/cgroup_root.h"
#include "kernel/header_self_test.h"

namespace suture {

Status begin_header_writing(Probe& probe, HookChoice hooks, const HeaderOptions& options, const IdKey& key) {
  Result<Fd> cgroup = open_cgroup_root();
  if (!cgroup) return Error{cgroup.error()};
  if (Status tested = header_self_test(hooks, cgroup->get()); !tested) return tested;
  trace_settings settings{};
  std::memcpy(settings.id_key, key.bytes.data(), sizeof(settings.id_key));
  settings.port_count = static_cast<std::uint32_t>(std::min<std::size_t>(options.ports.size(), SUTURE_TRACE_PORTS));
  std::copy_n(options.ports.begin(), settings.port_count, settings.ports);
  settings.address_count = static_cast<std::uint32_t>(std::min<std::size_t>(options.addresses.size(), SUTURE_TRACE_ADDRESSES));
  for (std::uint32_t i = 0; i < settings.address_count; ++i) std::copy(options.addresses[i].begin(), options.addresses[i].end(), settings.addresses[i]);
  if (Status follows = probe.follow_traces(settings); !follows) return follows;
  return probe.write_headers(cgroup->get());
}

}  // namespace suture

#pragma once
// What a cgroup path says: the container a process runs in, or the systemd unit it belongs to.

#include <string>
#include <string_view>

namespace suture {

/// The id in the deepest path component that names a container: 64 hex digits, alone (docker, kubepods, ecs with the
/// cgroupfs driver) or as "<runtime>-<id>.scope" or "...:<runtime>:<id>" (cri-containerd, crio, docker, libpod). Not
/// the scopes of the monitors beside a container (crio-conmon-..., libpod-conmon-...). "" if there is none.
std::string container_id_of(std::string_view cgroup_path);

/// The deepest unit on the path if it is a service ("nginx.service", escapes resolved). "" for scopes (sessions, user
/// applications, containers, init.scope), for user@N.service itself, and for paths without a unit.
std::string systemd_unit_of(std::string_view cgroup_path);

struct CgroupFacts {
  std::string path;
  std::string container_id;
  std::string systemd_unit;
};

/// Reads the text of /proc/PID/cgroup: the unified hierarchy's line, else systemd's, else the first that is not "/".
/// On hosts of version 1 the container may be named on any line.
CgroupFacts read_cgroup_text(std::string_view text);

}  // namespace suture

// Container ids and systemd units out of cgroup paths of the runtimes in use.
#include "process/cgroup_path.h"

#include <gtest/gtest.h>

namespace suture {
namespace {

const std::string kId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kOther = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

TEST(CgroupPath, NamesTheContainerOfEachRuntime) {
  const std::string pod = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1234_56.slice/";
  const struct {
    std::string path, id;
  } rows[] = {
      {pod + "cri-containerd-" + kId + ".scope", kId},
      {pod + "crio-" + kId + ".scope", kId},
      {pod + "docker-" + kId + ".scope", kId},
      {"/system.slice/docker-" + kId + ".scope", kId},
      {"/machine.slice/libpod-" + kId + ".scope/container", kId},
      {"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" + kId + ".scope", kId},
      {"/docker/" + kId, kId},
      {"/kubepods/besteffort/pod1234-56/" + kId, kId},
      {"/system.slice/containerd.service/kubepods-burstable-pod1.slice:cri-containerd:" + kId, kId},
      {"/../../kubepods/pod1/" + kId, kId},
      {"/ecs/task/" + kId, kId},
      {"/docker/" + kOther + "/docker/" + kId, kId},  // a container in a container: the inner one
      {pod + "crio-conmon-" + kId + ".scope", ""},
      {"/machine.slice/libpod-conmon-" + kId + ".scope", ""},
      {"/docker/" + kId.substr(1), ""},
      {"/docker/x" + kId, ""},
      {"/docker/" + kId.substr(0, 63) + "G", ""},
      {"/system.slice/nginx.service", ""},
      {"/", ""},
      {"", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(container_id_of(row.path), row.id) << row.path;
}

TEST(CgroupPath, NamesTheServiceButNoScopeOrSession) {
  const struct {
    const char *path, *unit;
  } rows[] = {
      {"/system.slice/nginx.service", "nginx.service"},
      {"/system.slice/nginx.service/workers", "nginx.service"},
      {"/system.slice/system-postgresql.slice/postgresql@15-main.service", "postgresql@15-main.service"},
      {"/system.slice/my\\x2dshop.service", "my-shop.service"},
      {"/system.slice/odd\\xzz.service", "odd\\xzz.service"},
      {"/user.slice/user-1000.slice/user@1000.service/app.slice/shop.service", "shop.service"},
      {"/user.slice/user-1000.slice/user@1000.service/init.scope", ""},
      {"/user.slice/user-1000.slice/user@1000.service", ""},
      {"/user.slice/user-1000.slice/session-3.scope", ""},
      {"/init.scope", ""},
      {"/system.slice", ""},
      {"", ""},
  };
  for (const auto& row : rows) EXPECT_EQ(systemd_unit_of(row.path), row.unit) << row.path;
}

TEST(CgroupPath, PrefersTheUnifiedHierarchyAndFallsBackToSystemds) {
  const CgroupFacts unified =
      read_cgroup_text("12:cpu:/a\n1:name=systemd:/system.slice/b.service\n0::/system.slice/c.service\n");
  EXPECT_EQ(unified.path, "/system.slice/c.service");
  EXPECT_EQ(unified.systemd_unit, "c.service");

  const CgroupFacts hybrid = read_cgroup_text("12:cpu:/a\n1:name=systemd:/system.slice/b.service\n0::/\n");
  EXPECT_EQ(hybrid.path, "/system.slice/b.service");
  EXPECT_EQ(hybrid.systemd_unit, "b.service");

  EXPECT_EQ(read_cgroup_text("0::/\n").path, "/");
  EXPECT_EQ(read_cgroup_text("no colons\n::\n").path, "/");
}

TEST(CgroupPath, FindsAContainerOnAnyLineAndThenNoUnit) {
  const CgroupFacts facts = read_cgroup_text("4:memory:/docker/" + kId + "\n0::/system.slice/docker.service\n");
  EXPECT_EQ(facts.container_id, kId);
  EXPECT_EQ(facts.systemd_unit, "");
}

}  // namespace
}  // namespace suture

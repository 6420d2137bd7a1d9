// When a probe goes, by its destructor or with its process, nothing of it is left in the kernel.
#include <bpf/bpf.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include "kernel_test.h"

namespace suture::kernel_test {
namespace {

/// Ids of programs, maps and links. Other agents on the machine may come and go meanwhile: those that one process holds.
struct Ids {
  std::set<std::uint32_t> programs, maps, links;
};

Ids held_by(pid_t pid) {
  Ids ids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fdinfo")) {
    std::ifstream file(entry.path());
    std::string word;
    std::uint32_t id = 0;
    while (file >> word) {
      if (word == "prog_id:" && file >> id) ids.programs.insert(id);
      if (word == "map_id:" && file >> id) ids.maps.insert(id);
      if (word == "link_id:" && file >> id) ids.links.insert(id);
    }
  }
  return ids;
}

bool any_left(const Ids& ids) {
  for (std::uint32_t id : ids.programs)
    if (Fd(bpf_prog_get_fd_by_id(id)).valid()) return true;
  for (std::uint32_t id : ids.maps)
    if (Fd(bpf_map_get_fd_by_id(id)).valid()) return true;
  for (std::uint32_t id : ids.links)
    if (Fd(bpf_link_get_fd_by_id(id)).valid()) return true;
  return false;
}

/// Maps and programs leave after a grace period of RCU.
bool gone(const Ids& ids) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (any_left(ids))
    if (std::chrono::steady_clock::now() > deadline) return false;
  return true;
}

void expect_whole(const Ids& ids) {
  EXPECT_GE(ids.programs.size(), 7u);
  EXPECT_GE(ids.maps.size(), 6u);
  EXPECT_GE(ids.links.size(), 7u);
}

class Removal : public KernelTest {
 protected:
  bool attaches_at_once() const override { return false; }
};
FOR_EACH_MECHANISM(Removal);

TEST_P(Removal, DestructorLeavesNothing) {
  Ids held;
  {
    auto probe = Probe::open(hooks());
    ASSERT_TRUE(probe.ok()) << probe.error();
    probe->start();
    held = held_by(::getpid());
  }
  expect_whole(held);
  EXPECT_TRUE(gone(held));
}

TEST_P(Removal, KillLeavesNothing) {
  Child holder([this](Inside& inside) {
    auto probe = Probe::open(hooks());
    need(probe.ok(), "open");
    probe->start();
    inside.step();
  });
  while (!holder.at_step()) ASSERT_FALSE(holder.ended());
  const Ids held = held_by(holder.pid());
  expect_whole(held);
  holder.kill(SIGKILL);
  EXPECT_TRUE(gone(held));
}

}  // namespace
}  // namespace suture::kernel_test

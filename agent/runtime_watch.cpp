#include "runtime_watch.h"

#include <chrono>
#include <utility>

#include "export/named_thread.h"
#include "runtime/runtime_finder.h"

namespace suture {

RuntimeWatch::RuntimeWatch(std::string proc_root, Found found)
    : proc_root_(std::move(proc_root)), found_(std::move(found)), thread_(start_thread("suture-watch", [this] { run(); })) {}

RuntimeWatch::~RuntimeWatch() {
  queue_.close();
  thread_.join();
}

void RuntimeWatch::run() {
  while (!queue_.closed()) {
    const std::optional<std::uint32_t> tgid = queue_.pop(std::chrono::hours(1));
    if (!tgid || queue_.closed()) continue;
    const std::optional<runtime> found = find_runtime(proc_root_, *tgid);
    found_(*tgid, found ? &*found : nullptr);
  }
}

}  // namespace suture

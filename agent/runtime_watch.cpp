#include "runtime_watch.h"

#include <utility>

#include "runtime/runtime_finder.h"

namespace suture {

RuntimeWatch::RuntimeWatch(std::string proc_root, Found found)
    : thread_(
          "suture-watch", kMaxWaiting,
          [root = std::move(proc_root)](std::uint32_t tgid) { return Answer{tgid, find_runtime(root, tgid)}; },
          [found = std::move(found)](Answer&& answer) { found(answer.tgid, answer.found ? &*answer.found : nullptr); }) {}

}  // namespace suture

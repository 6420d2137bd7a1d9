#include "link/rules/spawn.h"

#include <utility>

namespace suture {

void Spawns::stray(Thread& thread) {
  if (!std::exchange(thread.strayed, true)) audit_.add(thread.port, thread.load, false);
}

void Spawns::sends(std::uint32_t tid, const Inbound* request, LoadClass load) {
  const auto known = threads_.find(tid);
  if (request == nullptr) {
    if (known != threads_.end()) stray(known->second);
    return;
  }
  if (known != threads_.end() && known->second.request == request->id) return;
  if (threads_.size() == kMaxThreads) threads_.clear();
  threads_.insert_or_assign(tid, Thread{request->id, request->port, load});
}

void Spawns::answers(std::uint32_t tid, const Inbound& request) {
  const auto known = threads_.find(tid);
  if (known != threads_.end() && known->second.request != request.id) stray(known->second);
}

ExchangeId Spawns::exits(std::uint32_t tid) {
  const auto known = threads_.find(tid);
  if (known == threads_.end()) return 0;
  const Thread thread = known->second;
  threads_.erase(known);
  if (thread.strayed) return 0;
  audit_.add(thread.port, thread.load, true);
  return thread.request;
}

void Spawns::found(ExchangeId supposed, const Inbound& parent, LoadClass load) {
  if (supposed != 0 && supposed != parent.id) audit_.add(parent.port, load, false);
}

}  // namespace suture

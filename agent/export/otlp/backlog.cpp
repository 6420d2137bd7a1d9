#include "export/otlp/backlog.h"

#include <algorithm>
#include <utility>

namespace suture {

Backlog::Backlog(Limits limits, std::optional<Spill> spill, Clock::time_point now) : limits_(limits), spill_(std::move(spill)) {
  if (!spill_) return;
  const auto today = Spill::Clock::now();
  for (const Spill::Entry& entry : spill_->take_found()) {
    const auto age = std::max(today - entry.made, Spill::Clock::duration{0});  // a host's clock may have been set back
    add({.entry = entry, .made = now - age, .body = {}, .on_disk = true});
  }
}

std::uint64_t Backlog::spans() const {
  std::uint64_t sum = 0;
  for (const auto& request : requests_) sum += request->entry.spans;
  return sum;
}

bool Backlog::push(std::string_view body, std::uint64_t spans, Clock::time_point now) {
  if (spill_) {
    // Beyond the disk's limit the oldest must go, so that the newest outlives the agent too.
    if (disk_bytes_ + body.size() > limits_.disk_bytes) return false;
    if (const auto entry = spill_->write(body, spans, Spill::Clock::now())) {
      add({.entry = *entry, .made = now, .body = {}, .on_disk = true});
      return true;
    }
  }
  if (memory_bytes_ + body.size() > limits_.memory_bytes) return false;
  add({.entry = {.sequence = 0, .spans = spans, .bytes = body.size(), .made = {}}, .made = now, .body = std::string(body), .on_disk = false});
  return true;
}

void Backlog::add(Request request) {
  bytes_of(request) += request.entry.bytes;
  requests_.push_back(std::make_unique<Request>(std::move(request)));
}

std::optional<std::string_view> Backlog::first_body() {
  Request& first = *requests_.front();
  if (first.on_disk && first.body.empty()) {
    std::optional<std::string> body = spill_->read(first.entry);
    if (!body) return std::nullopt;
    first.body = *std::move(body);
  }
  return first.body;
}

void Backlog::remove(std::size_t index) {
  const Request& request = *requests_[index];
  bytes_of(request) -= request.entry.bytes;
  if (request.on_disk) spill_->remove(request.entry);
  requests_.erase(requests_.begin() + static_cast<std::ptrdiff_t>(index));
}

}  // namespace suture

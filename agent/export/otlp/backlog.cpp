#include "export/otlp/backlog.h"

namespace suture {

void Backlog::push(std::string_view body, std::uint64_t spans, Clock::time_point made) {
  requests_.push_back({.body = std::string(body), .spans = spans, .made = made});
  bytes_ += body.size();
}

void Backlog::remove(std::size_t index) {
  bytes_ -= requests_[index].body.size();
  requests_.erase(requests_.begin() + static_cast<std::ptrdiff_t>(index));
}

}  // namespace suture

#include "waiting_room.h"

#include <utility>

namespace suture {
namespace {

ProcessKey process_of(const Span& span) { return span.process; }
ProcessKey process_of(const Edge& edge) { return {edge.facts.tgid, edge.facts.process_start_ns}; }

std::size_t weight_of(const Span& span) { return span.weight_bytes(); }
std::size_t weight_of(const Edge&) { return sizeof(Edge); }

}  // namespace

void WaitingRoom::add(Span&& span) {
  if (processes_.awaits(span.process) && bytes_ < kMaxBytes) return seat(std::move(span));
  leave(std::move(span));
}

void WaitingRoom::add(const Edge& edge) {
  // Asked also where nobody wants edges: the summary names the service.
  if (processes_.awaits(process_of(edge)) && edges_ && bytes_ < kMaxBytes) return seat(Edge(edge));
  leave(Edge(edge));
}

void WaitingRoom::seat(Guest&& guest) {
  bytes_ += std::visit([](const auto& item) { return weight_of(item); }, guest);
  spans_ += std::holds_alternative<Span>(guest);
  guests_.push_back(std::move(guest));
}

void WaitingRoom::tick() {
  for (std::size_t left = guests_.size(); left > 0; --left) {
    Guest guest = std::move(guests_.front());
    guests_.pop_front();
    if (processes_.awaits(std::visit([](const auto& item) { return process_of(item); }, guest))) {
      guests_.push_back(std::move(guest));
      continue;
    }
    unseat(std::move(guest));
  }
}

void WaitingRoom::flush() {
  for (; !guests_.empty(); guests_.pop_front()) unseat(std::move(guests_.front()));
}

void WaitingRoom::unseat(Guest&& guest) {
  bytes_ -= std::visit([](const auto& item) { return weight_of(item); }, guest);
  spans_ -= std::holds_alternative<Span>(guest);
  std::visit([this](auto&& item) { leave(std::move(item)); }, std::move(guest));
}

void WaitingRoom::leave(Span&& span) {
  if (processes_.facts_of(span.process).awaited) counters_.spans_unnamed.add();
  next_.on_span(std::move(span));
}

void WaitingRoom::leave(Edge&& edge) {
  if (edges_) edges_->on_edge(edge, processes_.resource_of(process_of(edge)));
}

}  // namespace suture

#include "propagation/route_table.h"

namespace suture {

NameList::NameList() {
  for (const char* text : {kOthersName, ""})
    texts_.push_back(&numbers_.emplace(text, static_cast<Number>(texts_.size())).first->first);
}

NameList::Number NameList::number(std::string_view text, Room& room) {
  text = text.substr(0, kMaxBytes);
  if (const auto found = numbers_.find(text); found != numbers_.end()) return found->second;
  if (texts_.size() >= kMax || !room.take()) return kOthers;
  const auto number = static_cast<Number>(texts_.size());
  texts_.push_back(&numbers_.emplace(text, number).first->first);
  return number;
}

RouteTable::Received& RouteTable::received_of(NameList::Number route) {
  if (received_.size() <= route) received_.resize(route + std::size_t{1});
  return received_[route];
}

void RouteTable::received(NameList::Number route, bool with_context) {
  Received& received = received_of(route);
  ++(with_context ? received.with : received.without);
}

PropagationCounts& RouteTable::row(NameList::Number route, NameList::Number peer, Room& room) {
  if (const auto found = rows_.find({route, peer}); found != rows_.end()) return found->second;
  if (rows_.size() >= kMaxRows || !room.take()) return rows_[{NameList::kOthers, NameList::kOthers}];
  ++row_entries_;
  return rows_[{route, peer}];
}

void RouteTable::add(const RouteTable& other, Room& room) {
  for (NameList::Number route = 0; route < other.received_.size(); ++route) {
    Received& sum = received_of(this->route(other.route_text(route), room));
    sum.with += other.received_[route].with;
    sum.without += other.received_[route].without;
  }
  for (const auto& [key, counts] : other.rows_)
    row(route(other.route_text(key.first), room), peer(other.peer_text(key.second), room), room).add(counts);
}

}  // namespace suture

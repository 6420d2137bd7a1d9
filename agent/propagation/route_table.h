#pragma once
// RouteTable: PropagationCounts of one service, by the route of the request that came in and the peer of the one that went out.
// Bounded: what finds no room is counted under the name "(others)".

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "propagation/counts.h"

namespace suture {

/// Names and rows that all tables together may still make, some 120 bytes each.
class Room {
 public:
  explicit Room(std::size_t entries) : left_(entries) {}
  bool take() { return left_ > 0 && left_-- > 0; }
  void give_back(std::size_t entries) { left_ += entries; }

 private:
  std::size_t left_;
};

inline constexpr const char* kOthersName = "(others)";  // of what has no room

/// Numbers for texts. 0 is kOthersName; 1 is "", nothing.
class NameList {
 public:
  using Number = std::uint16_t;
  static constexpr Number kOthers = 0, kNone = 1;
  static constexpr std::size_t kMax = 64;       // a service has some dozen routes and peers; ids that look like words make more
  static constexpr std::size_t kMaxBytes = 128;  // of a text; longer ones are cut

  NameList();
  NameList(NameList&&) noexcept = default;
  NameList& operator=(NameList&&) noexcept = default;

  Number number(std::string_view text, Room& room);
  const std::string& text(Number number) const { return *texts_[number]; }
  /// Taken from a Room.
  std::size_t entries() const { return texts_.size() - 2; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, Number, Hash, std::equal_to<>> numbers_;
  std::vector<const std::string*> texts_;  // by number; keys of numbers_
};

class RouteTable {
 public:
  static constexpr std::size_t kMaxRows = 256;

  struct Received {
    std::uint64_t with = 0, without = 0;  // a context
  };
  using Row = std::pair<NameList::Number, NameList::Number>;  // route, peer

  NameList::Number route(std::string_view text, Room& room) { return routes_.number(text, room); }
  NameList::Number peer(std::string_view text, Room& room) { return peers_.number(text, room); }
  void received(NameList::Number route, bool with_context);
  /// `route`: kNone where it is not known which request this was sent for.
  void sent(NameList::Number route, NameList::Number peer, PropagationState state, Room& room) { ++row(route, peer, room)[state]; }
  /// Adds what `other` has counted.
  void add(const RouteTable& other, Room& room);

  const std::map<Row, PropagationCounts>& rows() const { return rows_; }
  const std::vector<Received>& received() const { return received_; }  // by route; may be shorter than the list of routes
  const std::string& route_text(NameList::Number route) const { return routes_.text(route); }
  const std::string& peer_text(NameList::Number peer) const { return peers_.text(peer); }
  /// What a Room gets back when this table goes.
  std::size_t entries() const { return routes_.entries() + peers_.entries() + row_entries_; }

 private:
  PropagationCounts& row(NameList::Number route, NameList::Number peer, Room& room);
  Received& received_of(NameList::Number route);

  NameList routes_, peers_;
  std::vector<Received> received_;
  std::map<Row, PropagationCounts> rows_;
  std::size_t row_entries_ = 0;
};

}  // namespace suture

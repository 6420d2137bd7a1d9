#pragma once
// Spill: requests of one destination as files of a directory of its own, so that they outlive the agent.
//
// A file is written under another name, renamed when it is whole, and removed when the backend has answered: an agent that
// is killed leaves no half request, and sends at most the one again whose answer it did not see. Nothing is forced to the
// disk: what a crash of the host may break is found by its size.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace suture {

class Spill {
 public:
  using Clock = std::chrono::system_clock;  // survives a restart

  struct Entry {
    std::uint64_t sequence = 0;
    std::uint64_t spans = 0;
    std::size_t bytes = 0;
    Clock::time_point made;
  };

  /// `directory` and its parents are made if need be, for this user alone. Fails if another agent uses it.
  static Result<Spill> open(const std::string& directory);

  const std::string& directory() const { return directory_; }
  /// What an earlier agent left, oldest first. Returns it once.
  std::vector<Entry> take_found();

  /// Nothing if the disk does not take it.
  std::optional<Entry> write(std::string_view body, std::uint64_t spans, Clock::time_point made);
  /// Nothing if the file is gone or not whole.
  std::optional<std::string> read(const Entry& entry) const;
  void remove(const Entry& entry) const;

 private:
  Spill(std::string directory, Fd lock) : directory_(std::move(directory)), lock_(std::move(lock)) {}
  void look();
  std::string path_of(const Entry& entry) const;

  std::string directory_;
  Fd lock_;  // of the file "lock", as long as this lives
  std::vector<Entry> found_;
  std::uint64_t next_ = 0;
};

}  // namespace suture

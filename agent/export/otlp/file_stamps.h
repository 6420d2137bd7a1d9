#pragma once
// FileStamps: notices that files were replaced or rewritten, as certificates are when they are renewed.

#include <cstdint>
#include <string>
#include <vector>

namespace suture {

class FileStamps {
 public:
  /// "" names no file.
  explicit FileStamps(std::vector<std::string> paths);

  /// True if one of the files is another than at the last call (or the construction). One stat(2) per file.
  bool changed();

 private:
  struct Stamp {
    std::uint64_t device = 0, inode = 0;
    std::int64_t size = -1, modified_s = 0, modified_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  static Stamp stamp_of(const std::string& path);

  std::vector<std::string> paths_;
  std::vector<Stamp> stamps_;
};

}  // namespace suture

#include "export/otlp/file_stamps.h"

#include <sys/stat.h>

#include <utility>

namespace suture {

FileStamps::FileStamps(std::vector<std::string> paths) {
  for (std::string& path : paths)
    if (!path.empty()) paths_.push_back(std::move(path));
  changed();
}

bool FileStamps::changed() {
  std::vector<Stamp> now;
  for (const std::string& path : paths_) now.push_back(stamp_of(path));
  return std::exchange(stamps_, now) != now;
}

FileStamps::Stamp FileStamps::stamp_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

}  // namespace suture

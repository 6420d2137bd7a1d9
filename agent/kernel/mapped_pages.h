#pragma once
// MappedPages: pages of a BPF map, shared with the kernel, for as long as this lives.

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>

namespace suture {

class MappedPages {
 public:
  MappedPages() = default;
  MappedPages(const MappedPages&) = delete;
  MappedPages& operator=(const MappedPages&) = delete;
  ~MappedPages() {
    if (at_) ::munmap(at_, bytes_);
  }

  /// Called once. `bytes` are rounded up to whole pages, `offset` is one. False: errno says why.
  bool map(int fd, std::size_t bytes, int protection, std::size_t offset) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    bytes_ = (bytes + page - 1) / page * page;
    void* at = ::mmap(nullptr, bytes_, protection, MAP_SHARED, fd, static_cast<off_t>(offset));
    at_ = at == MAP_FAILED ? nullptr : static_cast<std::byte*>(at);
    return at_ != nullptr;
  }
  std::byte* get() const { return at_; }

 private:
  std::byte* at_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace suture

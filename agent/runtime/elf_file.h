#pragma once
// ElfFile: an executable or a library, its sections by name. 64-bit little endian only. The file is mapped, and trusted in
// nothing: whatever it says of itself is held against its size.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace suture {

class ElfFile {
 public:
  struct Section {
    std::string_view name;
    std::uint32_t type = 0;
    std::uint64_t address = 0;              // as linked
    std::span<const std::byte> bytes;       // empty for those that take no room in the file (.bss)
  };

  /// Nothing: not readable, or no such file.
  static std::optional<ElfFile> open(const std::string& path);
  ElfFile(ElfFile&& other) noexcept;
  ElfFile& operator=(ElfFile&&) = delete;
  ~ElfFile();

  const std::vector<Section>& sections() const { return sections_; }
  /// nullptr: there is none of that name.
  const Section* section(std::string_view name) const;
  /// The lowest address that is loaded, as linked; 0 for what may be loaded anywhere.
  std::uint64_t lowest_address() const { return lowest_; }
  /// How far below the thread pointer an executable's thread-local variables begin; 0: it has none.
  std::uint64_t thread_local_bytes() const { return thread_local_; }
  /// What lies at `address`, as linked, to the end of its section; empty: nothing of the file.
  std::span<const std::byte> at(std::uint64_t address) const;

 private:
  ElfFile(const std::byte* data, std::size_t size) : data_(data), size_(size) {}
  bool read_sections();
  void read_segments();
  std::span<const std::byte> part(std::uint64_t offset, std::uint64_t size) const;

  const std::byte* data_;
  std::size_t size_;
  std::uint64_t lowest_ = 0, thread_local_ = 0;
  std::vector<Section> sections_;
};

}  // namespace suture

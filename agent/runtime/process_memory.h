#pragma once
// ProcessMemory: the memory of another process, read without stopping it, and the programs and libraries mapped into it.
// Everything read was written by that process: any address, length or text may be nonsense.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace suture {

class ProcessMemory {
 public:
  /// A file that is mapped from its beginning.
  struct Module {
    std::uint64_t base = 0;
    std::string path;  // as the process sees it
  };

  /// `process` is the process's directory in /proc. Nothing: no such process, or its memory may not be read.
  static std::optional<ProcessMemory> open(const std::string& process);

  const std::vector<Module>& modules() const { return modules_; }

  bool read(std::uint64_t address, void* to, std::size_t bytes) const;
  /// The value at `address`; 0 where nothing can be read.
  template <typename T = std::uint64_t>
  T at(std::uint64_t address) const {
    T value{};
    return read(address, &value, sizeof(value)) ? value : T{};
  }
  /// Whether the text at `address` is `text`; says nothing of what follows.
  bool says(std::uint64_t address, std::string_view text) const;

  /// Address of a symbol that `module` exports, found by the hash table that the dynamic linker uses; 0: none.
  std::uint64_t symbol(const Module& module, std::string_view name) const;

 private:
  Fd fd_;
  std::vector<Module> modules_;
};

}  // namespace suture

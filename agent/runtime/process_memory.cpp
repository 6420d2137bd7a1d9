#include "runtime/process_memory.h"

#include <elf.h>
#include <fcntl.h>

#include <array>
#include <charconv>
#include <cstring>
#include <fstream>

namespace suture {
namespace {

constexpr std::size_t kMaxModules = 4096;     // a Python program with every extension there is maps some hundreds
constexpr std::size_t kMaxSegments = 64;
constexpr std::size_t kMaxDynamic = 256;
constexpr std::size_t kMaxChain = 1024;       // symbols in one bucket

/// Where the dynamic linker's tables of a module are.
struct SymbolTables {
  std::uint64_t bias = 0;  // from addresses in the file to those in memory
  std::uint64_t symbols = 0, names = 0, hash = 0;
};

std::optional<SymbolTables> tables_of(const ProcessMemory& memory, std::uint64_t base) {
  const auto header = memory.at<Elf64_Ehdr>(base);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) return std::nullopt;
  SymbolTables tables;
  std::uint64_t dynamic = 0;
  for (std::size_t i = 0; i < header.e_phnum && i < kMaxSegments; ++i) {
    const auto segment = memory.at<Elf64_Phdr>(base + header.e_phoff + i * sizeof(Elf64_Phdr));
    if (segment.p_type == PT_LOAD && segment.p_offset == 0) tables.bias = base - segment.p_vaddr;
    if (segment.p_type == PT_DYNAMIC) dynamic = segment.p_vaddr;
  }
  if (dynamic == 0) return std::nullopt;
  for (std::size_t i = 0; i < kMaxDynamic; ++i) {
    const auto entry = memory.at<Elf64_Dyn>(tables.bias + dynamic + i * sizeof(Elf64_Dyn));
    if (entry.d_tag == DT_NULL) break;
    // glibc turns these into addresses in memory, musl leaves them as they are in the file.
    const std::uint64_t address = entry.d_un.d_ptr < base ? entry.d_un.d_ptr + tables.bias : entry.d_un.d_ptr;
    if (entry.d_tag == DT_SYMTAB) tables.symbols = address;
    if (entry.d_tag == DT_STRTAB) tables.names = address;
    if (entry.d_tag == DT_GNU_HASH) tables.hash = address;
  }
  if (tables.symbols == 0 || tables.names == 0 || tables.hash == 0) return std::nullopt;
  return tables;
}

std::uint32_t gnu_hash(std::string_view name) {
  std::uint32_t hash = 5381;
  for (char c : name) hash = hash * 33 + static_cast<unsigned char>(c);
  return hash;
}

/// "7f00-7f01 r--p 00000000 08:01 123   /usr/lib/libx.so": the module, if it is the beginning of a file.
std::optional<ProcessMemory::Module> module_of(std::string_view line) {
  ProcessMemory::Module module;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), module.base, 16);
  const std::size_t path = line.find('/');
  const std::size_t rights = line.find(' ');
  if (error != std::errc() || *end != '-' || path == std::string_view::npos || rights == std::string_view::npos) return std::nullopt;
  if (line.substr(rights + 5, 10) != " 00000000 ") return std::nullopt;
  module.path = line.substr(path);
  return module;
}

}  // namespace

std::optional<ProcessMemory> ProcessMemory::open(const std::string& process) {
  ProcessMemory memory;
  memory.fd_ = Fd(::open((process + "/mem").c_str(), O_RDONLY | O_CLOEXEC));
  if (!memory.fd_.valid()) return std::nullopt;
  std::ifstream maps(process + "/maps");
  for (std::string line; memory.modules_.size() < kMaxModules && std::getline(maps, line);)
    if (std::optional<Module> module = module_of(line)) memory.modules_.push_back(std::move(*module));
  return memory;
}

bool ProcessMemory::read(std::uint64_t address, void* to, std::size_t bytes) const {
  if (address == 0 || address > INT64_MAX - bytes) return false;
  return ::pread(fd_.get(), to, bytes, static_cast<off_t>(address)) == static_cast<ssize_t>(bytes);
}

bool ProcessMemory::says(std::uint64_t address, std::string_view text) const {
  std::array<char, 64> found{};
  return text.size() <= found.size() && read(address, found.data(), text.size()) && std::string_view(found.data(), text.size()) == text;
}

std::uint64_t ProcessMemory::symbol(const Module& module, std::string_view name) const {
  const std::optional<SymbolTables> tables = tables_of(*this, module.base);
  if (!tables) return 0;
  const auto head = at<std::array<std::uint32_t, 4>>(tables->hash);  // buckets, first symbol, words of the filter, its shift
  const auto [buckets, first, filter_words, shift] = head;
  if (buckets == 0) return 0;
  const std::uint64_t bucket = tables->hash + 16 + 8ull * filter_words;
  const std::uint64_t chain = bucket + 4ull * buckets;
  const std::uint32_t hash = gnu_hash(name);
  std::uint32_t index = at<std::uint32_t>(bucket + 4ull * (hash % buckets));
  if (index < first) return 0;
  const std::string terminated = std::string(name) + '\0';
  for (std::size_t i = 0; i < kMaxChain; ++i, ++index) {
    const auto link = at<std::uint32_t>(chain + 4ull * (index - first));
    if ((link | 1) == (hash | 1)) {
      const auto symbol = at<Elf64_Sym>(tables->symbols + sizeof(Elf64_Sym) * index);
      if (symbol.st_shndx != SHN_UNDEF && says(tables->names + symbol.st_name, terminated)) return tables->bias + symbol.st_value;
    }
    if (link & 1) return 0;
  }
  return 0;
}

}  // namespace suture

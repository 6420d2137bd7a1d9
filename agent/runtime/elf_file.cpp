#include "runtime/elf_file.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/fd.h"

namespace suture {

std::optional<ElfFile> ElfFile::open(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts {};
  if (!fd.valid() || ::fstat(fd.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return std::nullopt;
  const auto size = static_cast<std::size_t>(facts.st_size);
  if (size < sizeof(Elf64_Ehdr)) return std::nullopt;
  // Private: a file that is truncated under us gives SIGBUS all the same. An executable that runs cannot be (ETXTBSY).
  void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (at == MAP_FAILED) return std::nullopt;
  ElfFile file(static_cast<const std::byte*>(at), size);
  if (!file.read_sections()) return std::nullopt;
  file.read_segments();
  return file;
}

ElfFile::ElfFile(ElfFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(other.size_),
      lowest_(other.lowest_),
      thread_local_(other.thread_local_),
      sections_(std::move(other.sections_)) {}

ElfFile::~ElfFile() {
  if (data_) ::munmap(const_cast<std::byte*>(data_), size_);
}

std::span<const std::byte> ElfFile::part(std::uint64_t offset, std::uint64_t size) const {
  if (offset > size_ || size > size_ - offset) return {};
  return {data_ + offset, static_cast<std::size_t>(size)};
}

bool ElfFile::read_sections() {
  Elf64_Ehdr header;
  std::memcpy(&header, data_, sizeof header);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_shentsize != sizeof(Elf64_Shdr))
    return false;
  const auto table = part(header.e_shoff, std::uint64_t{header.e_shnum} * sizeof(Elf64_Shdr));
  std::vector<Elf64_Shdr> headers(table.size() / sizeof(Elf64_Shdr));
  if (!headers.empty()) std::memcpy(headers.data(), table.data(), table.size());
  if (header.e_shstrndx >= headers.size()) return false;
  const auto names = part(headers[header.e_shstrndx].sh_offset, headers[header.e_shstrndx].sh_size);
  for (const Elf64_Shdr& section : headers) {
    if (section.sh_name >= names.size()) continue;
    const auto* name = reinterpret_cast<const char*>(names.data()) + section.sh_name;
    sections_.push_back({{name, ::strnlen(name, names.size() - section.sh_name)},
                         section.sh_type,
                         section.sh_addr,
                         section.sh_type == SHT_NOBITS ? std::span<const std::byte>{} : part(section.sh_offset, section.sh_size)});
  }
  return true;
}

void ElfFile::read_segments() {
  Elf64_Ehdr header;
  std::memcpy(&header, data_, sizeof header);
  if (header.e_phentsize != sizeof(Elf64_Phdr)) return;
  const auto table = part(header.e_phoff, std::uint64_t{header.e_phnum} * sizeof(Elf64_Phdr));
  std::vector<Elf64_Phdr> segments(table.size() / sizeof(Elf64_Phdr));
  if (segments.empty()) return;
  std::memcpy(segments.data(), table.data(), table.size());
  lowest_ = UINT64_MAX;
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type == PT_LOAD) lowest_ = std::min<std::uint64_t>(lowest_, segment.p_vaddr);
    if (segment.p_type != PT_TLS || segment.p_memsz > UINT32_MAX) continue;
    const std::uint64_t align = std::max<std::uint64_t>(segment.p_align, 1);
    thread_local_ = (segment.p_memsz + align - 1) / align * align;
  }
}

const ElfFile::Section* ElfFile::section(std::string_view name) const {
  for (const Section& section : sections_)
    if (section.name == name) return &section;
  return nullptr;
}

std::span<const std::byte> ElfFile::at(std::uint64_t address) const {
  for (const Section& section : sections_)
    if (section.address != 0 && address >= section.address && address - section.address < section.bytes.size())
      return section.bytes.subspan(static_cast<std::size_t>(address - section.address));
  return {};
}

}  // namespace suture

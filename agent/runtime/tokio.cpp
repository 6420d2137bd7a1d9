// tokio: two of its variables are found by their names; what they and its tasks consist of the walk learns, or holds against
// itself. include/wire/runtime_tokio.h.

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "runtime/elf_file.h"
#include "runtime/process_memory.h"
#include "runtime/runtime_finder.h"
#include "wire/runtime_tokio.h"

namespace suture {
namespace {

using namespace std::string_view_literals;

// Both ways in which Rust writes names have their parts one after the other, each with its length.
constexpr std::string_view kWaker = "5tokio7runtime4task5waker12WAKER_VTABLE";
constexpr std::string_view kContext = "5tokio7runtime7context7CONTEXT";
constexpr std::uint64_t kMaxContext = 256;

std::string_view text(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// The one symbol of a type whose name has `part` in it. Nothing: none, or several, as where two versions are linked.
std::optional<Elf64_Sym> symbol_with(const ElfFile& file, std::string_view part, unsigned char type) {
  const ElfFile::Section* symbols = file.section(".symtab");
  const ElfFile::Section* strings = file.section(".strtab");
  if (!symbols || !strings) return std::nullopt;
  const std::string_view names = text(strings->bytes);
  std::optional<Elf64_Sym> found;
  for (std::size_t at = 0; at + sizeof(Elf64_Sym) <= symbols->bytes.size(); at += sizeof(Elf64_Sym)) {
    Elf64_Sym symbol;
    std::memcpy(&symbol, symbols->bytes.data() + at, sizeof symbol);
    if (ELF64_ST_TYPE(symbol.st_info) != type || symbol.st_shndx == SHN_UNDEF || symbol.st_name >= names.size()) continue;
    const std::string_view rest = names.substr(symbol.st_name);
    if (rest.substr(0, rest.find('\0')).find(part) == std::string_view::npos) continue;
    if (found && found->st_value != symbol.st_value) return std::nullopt;
    found = symbol;
  }
  return found;
}

/// Where the process has mapped the beginning of its executable; 0: not known.
std::uint64_t base_of_executable(const std::string& process) {
  const std::optional<ProcessMemory> memory = ProcessMemory::open(process);
  return memory && !memory->modules().empty() ? memory->modules().front().base : 0;
}

}  // namespace

std::optional<runtime> find_tokio(const std::string& process) {
  const std::optional<ElfFile> executable = ElfFile::open(process + "/exe");
  const ElfFile::Section* comment = executable ? executable->section(".comment") : nullptr;
  if (!comment || text(comment->bytes).find("rustc version"sv) == std::string_view::npos) return std::nullopt;
  const std::optional<Elf64_Sym> waker = symbol_with(*executable, kWaker, STT_OBJECT), context = symbol_with(*executable, kContext, STT_TLS);
  const std::uint64_t variables = executable->thread_local_bytes();
  if (!waker || !context || context->st_value >= variables || context->st_size < 8 || context->st_size > kMaxContext) return std::nullopt;
  const std::uint64_t base = base_of_executable(process);
  if (base == 0) return std::nullopt;

  runtime found{};
  found.kind = RUNTIME_TOKIO;
  found.version = 1;
  found.address[TOKIO_WAKER] = base + waker->st_value - executable->lowest_address();
  found.offset[TOKIO_CONTEXT] = static_cast<std::uint32_t>(variables - context->st_value);
  found.offset[TOKIO_CONTEXT_BYTES] = static_cast<std::uint32_t>(context->st_size);
  // As of tokio 1.38 and 1.54, in the order of their declaration, behind the seven functions of a Vtable and the two pointers of a Trailer.
  found.offset[TOKIO_HEADER] = 0;
  found.offset[TOKIO_TABLE] = 56;
  found.offset[TOKIO_JOIN_WAKER] = 16;
  found.offset[TOKIO_CHANNEL] = 0;  // the value comes last
  return found;
}

}  // namespace suture

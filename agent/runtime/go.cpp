// Go: its linker leaves the version in every executable, stripped ones too, and the version says the rest.

#include "runtime/elf_file.h"
#include "runtime/go_versions.h"
#include "runtime/runtime_finder.h"

namespace suture {

std::optional<runtime> find_go(const std::string& process) {
  const std::optional<ElfFile> executable = ElfFile::open(process + "/exe");
  const ElfFile::Section* buildinfo = executable ? executable->section(".go.buildinfo") : nullptr;
  if (!buildinfo) return std::nullopt;
  const std::optional<std::string_view> version = go_version_in(buildinfo->bytes);
  return version ? go_runtime_of(*version) : std::nullopt;
}

}  // namespace suture

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "runtime/elf_file.h"
#include "runtime/go_versions.h"
#include "runtime/runtime_finder.h"

namespace suture {
namespace {

namespace fs = std::filesystem;

/// A /proc with one process, 7, of this executable.
class OneProcess {
 public:
  explicit OneProcess(const fs::path& executable) {
    std::string pattern = (fs::temp_directory_path() / "suture-runtime-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    fs::create_directory(root_ / "7");
    fs::create_symlink(executable, root_ / "7" / "exe");
  }
  ~OneProcess() { fs::remove_all(root_); }
  OneProcess(const OneProcess&) = delete;
  OneProcess& operator=(const OneProcess&) = delete;

  std::optional<runtime> find() const { return find_runtime(root_.string(), 7); }
  fs::path file(const std::string& name, std::string_view bytes) const {
    std::ofstream(root_ / name, std::ios::binary) << bytes;
    return root_ / name;
  }

 private:
  fs::path root_;
};

std::string_view view(std::span<const std::byte> bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

std::string build_info(std::string_view version, char flags = 2) {
  std::string section = std::string("\xff Go buildinf:") + char(8) + flags + std::string(16, '\0');
  return section + static_cast<char>(version.size()) + std::string(version) + std::string(1, '\0');
}

/// What the program says of itself, by its DWARF.
std::vector<std::uint32_t> offsets_by_dwarf() {
  std::FILE* said = ::popen(GO_OFFSETS, "r");
  std::vector<std::uint32_t> offsets(7);
  for (std::uint32_t& offset : offsets)
    if (std::fscanf(said, "%u", &offset) != 1) offsets.clear();
  ::pclose(said);
  return offsets;
}

TEST(GoFinder, KnowsTheOffsetsOfTheGoThatIsInstalledAsItsOwnDwarfHasThem) {
  ASSERT_TRUE(fs::exists(GO_OFFSETS)) << "no Go: see tests/required.txt";
  const std::optional<runtime> found = OneProcess(GO_OFFSETS).find();
  ASSERT_TRUE(found) << "this version of Go is not in agent/runtime/go_versions.cpp";
  EXPECT_EQ(found->kind, RUNTIME_GO);
  EXPECT_EQ(std::vector<std::uint32_t>(found->offset, found->offset + 7), offsets_by_dwarf());
  for (int learned : {GO_READ_LOOP, GO_WRITE_LOOP, GO_LOOKED}) EXPECT_EQ(found->offset[learned], 0u);
}

TEST(GoFinder, NeedsNoSymbols) {
  ASSERT_TRUE(fs::exists(GO_OFFSETS "-stripped")) << "no Go: see tests/required.txt";
  const std::optional<runtime> stripped = OneProcess(GO_OFFSETS "-stripped").find(), whole = OneProcess(GO_OFFSETS).find();
  ASSERT_TRUE(stripped && whole);
  EXPECT_EQ(std::memcmp(&*stripped, &*whole, sizeof(runtime)), 0);
}

TEST(GoFinder, SaysNothingOfOtherPrograms) {
  EXPECT_FALSE(OneProcess("/proc/self/exe").find());
  EXPECT_FALSE(OneProcess("/no/such/file").find());
  EXPECT_FALSE(OneProcess("/dev/zero").find());
}

TEST(GoFinder, SurvivesExecutablesThatEndAnywhere) {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  std::string head(4096, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  for (const std::size_t size : {0u, 1u, 4u, 63u, 64u, 65u, 4096u}) {
    const OneProcess directory("/nothing");
    EXPECT_FALSE(OneProcess(directory.file("cut", head.substr(0, size))).find()) << size;
  }
}

TEST(GoVersion, IsReadOutOfTheBuildInformation) {
  const std::string section = build_info("go1.26.8");
  EXPECT_EQ(go_version_in(bytes_of(section)).value_or(""), "go1.26.8");
}

TEST(GoVersion, IsNotReadWhereItIsOnlyPointedToOrCutOff) {
  EXPECT_FALSE(go_version_in(bytes_of(build_info("go1.17.1", 0))));
  const std::string section = build_info("go1.26.8");
  for (std::size_t size = 0; size < 41; ++size) EXPECT_FALSE(go_version_in(bytes_of(section.substr(0, size)))) << size;
  EXPECT_FALSE(go_version_in(bytes_of("x" + section)));
}

TEST(GoVersion, CountsByItsMinorNumberAndOnlyWhenReleased) {
  struct Case {
    const char* version;
    std::uint32_t known_as;  // 0: not known
  };
  for (const Case& c : {Case{"go1.26.8", 1026}, {"go1.26", 1026}, {"go1.22.12 X:nocoverageredesign", 1022}, {"go1.26rc1", 0}, {"go1.16.3", 0},
                        {"go1.260", 0}, {"go1.", 0}, {"go2.1", 0}, {"devel go1.27-abcdef", 0}, {"", 0}}) {
    const std::optional<runtime> found = go_runtime_of(c.version);
    EXPECT_EQ(found ? found->version : 0, c.known_as) << c.version;
  }
}

TEST(ElfFile, FindsSectionsByNameAndAddress) {
  const std::optional<ElfFile> self = ElfFile::open("/proc/self/exe");
  ASSERT_TRUE(self);
  const ElfFile::Section* text = self->section(".text");
  ASSERT_NE(text, nullptr);
  EXPECT_EQ(self->section(".none"), nullptr);
  EXPECT_EQ(view(self->at(text->address + 1)), view(text->bytes).substr(1));
  EXPECT_TRUE(self->at(0).empty());
  EXPECT_TRUE(self->section(".bss") == nullptr || self->section(".bss")->bytes.empty());
}

}  // namespace
}  // namespace suture

// A process that publishes its resource as an SDK does, and what is read of it out of the real /proc.
#include "process/process_context.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <string>

#include "process/proc_reader.h"

namespace suture {
namespace {

std::string field(int number, const std::string& bytes) {  // of protobuf, shorter than 128 bytes
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}
std::string attribute(const std::string& key, const std::string& value) { return field(1, field(1, key) + field(2, value)); }
std::string text(const std::string& value) { return field(1, value); }
std::string context(const std::string& attributes) { return field(1, attributes); }

/// "Publication Protocol" of OTEP 4719, with what a test gets wrong on purpose.
struct Publisher {
  std::uint32_t version = 2;
  std::uint64_t published_at_ns = 1;
  std::string payload = context(attribute("service.name", text("shop")) + attribute("weight", std::string{0x18, 7}) + attribute("service.version", text("2")));

  void publish() const {
    const int memory = ::memfd_create("OTEL_CTX", MFD_CLOEXEC);
    ASSERT_EQ(::ftruncate(memory, 4096), 0);
    void* const mapped = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, memory, 0);
    ASSERT_NE(mapped, MAP_FAILED);
    char* const header = static_cast<char*>(mapped);
    const auto size = static_cast<std::uint32_t>(payload.size());
    const char* const at = payload.data();
    std::memcpy(header + 8, &version, 4);
    std::memcpy(header + 12, &size, 4);
    std::memcpy(header + 16, &published_at_ns, 8);
    std::memcpy(header + 24, &at, 8);
    std::memcpy(header, "OTEL_CTX", 8);
    ::close(memory);
  }
};

/// What is read of a process that has published, and lives.
ResourceAttributes read_from(const Publisher& publisher) {
  int ready[2], done[2];
  if (::pipe(ready) != 0 || ::pipe(done) != 0) return {};
  const pid_t child = ::fork();
  char byte = 0;
  if (child == 0) {
    ::close(done[1]);
    publisher.publish();
    if (::write(ready[1], &byte, 1) == 1 && ::read(done[0], &byte, 1) == 0) ::_exit(0);
    ::_exit(1);
  }
  EXPECT_EQ(::read(ready[0], &byte, 1), 1);
  const std::string path = "/proc/" + std::to_string(child);
  ResourceAttributes attributes = read_process_context(Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
  for (const int end : {done[0], done[1], ready[0], ready[1]}) ::close(end);
  int status = 0;
  ::waitpid(child, &status, 0);
  return attributes;
}

TEST(ProcessContext, IsReadFromAProcessThatPublishesIt) {
  EXPECT_EQ(read_from({}), (ResourceAttributes{{"service.name", "shop"}, {"service.version", "2"}}));
}

TEST(ProcessContext, IsNothingWhereItCannotBeTrusted) {
  EXPECT_EQ(read_from({.version = 3}), ResourceAttributes());
  EXPECT_EQ(read_from({.published_at_ns = 0}), ResourceAttributes()) << "being written";
  EXPECT_EQ(read_from({.payload = "no protobuf"}), ResourceAttributes());
  EXPECT_EQ(read_process_context(Fd(::open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC))), ResourceAttributes()) << "none is published";
}

}  // namespace
}  // namespace suture

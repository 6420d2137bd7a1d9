#include "export/otlp/spill.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

namespace suture {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".otlp";
constexpr const char* kDraft = "/draft";

Error cannot_use(const std::string& directory, int error) {
  const char* mend = error == EWOULDBLOCK ? ". Another suture uses it: give each its own, and each destination an address of its own."
                                          : ". Choose a directory that this user may write to.";
  const std::string why = error == EWOULDBLOCK ? "it is locked" : std::generic_category().message(error);
  return Error{"--spill " + directory + ": " + why + mend};
}

/// "sequence-spans-bytes-milliseconds.otlp"
std::optional<Spill::Entry> entry_of(std::string_view name) {
  if (!name.ends_with(kSuffix)) return std::nullopt;
  name.remove_suffix(kSuffix.size());
  std::uint64_t numbers[4] = {};
  for (std::uint64_t& number : numbers) {
    const auto [stopped, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error != std::errc()) return std::nullopt;
    name.remove_prefix(static_cast<std::size_t>(stopped - name.data()));
    const bool last = &number == &numbers[3];
    if (last != name.empty() || (!last && name[0] != '-')) return std::nullopt;
    if (!last) name.remove_prefix(1);
  }
  const auto made = std::chrono::milliseconds(static_cast<std::int64_t>(numbers[3]));
  return Spill::Entry{numbers[0], numbers[1], numbers[2], Spill::Clock::time_point(made)};
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<Spill> Spill::open(const std::string& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return cannot_use(directory, error.value());
  if (::chmod(directory.c_str(), 0700) != 0) return cannot_use(directory, errno);
  Fd lock(::open((directory + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock.valid() || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return cannot_use(directory, errno);
  Spill spill(directory, std::move(lock));
  spill.look();
  return spill;
}

void Spill::look() {
  std::error_code error;
  for (const fs::directory_entry& file : fs::directory_iterator(directory_, error))
    if (const auto entry = entry_of(file.path().filename().string())) found_.push_back(*entry);
  std::sort(found_.begin(), found_.end(), [](const Entry& a, const Entry& b) { return a.sequence < b.sequence; });
  if (!found_.empty()) next_ = found_.back().sequence + 1;
}

std::vector<Spill::Entry> Spill::take_found() { return std::exchange(found_, {}); }

std::optional<Spill::Entry> Spill::write(std::string_view body, std::uint64_t spans, Clock::time_point made) {
  const Entry entry{next_++, spans, body.size(), made};
  const std::string draft = directory_ + kDraft;
  const Fd fd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return std::nullopt;
  if (write_all(fd.get(), body) && ::rename(draft.c_str(), path_of(entry).c_str()) == 0) return entry;
  ::unlink(draft.c_str());
  return std::nullopt;
}

std::optional<std::string> Spill::read(const Entry& entry) const {
  const Fd fd(::open(path_of(entry).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat status{};
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0 || std::cmp_not_equal(status.st_size, entry.bytes)) return std::nullopt;
  std::string body(entry.bytes, '\0');
  for (std::size_t at = 0; at < body.size();) {
    const ssize_t length = ::read(fd.get(), body.data() + at, body.size() - at);
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return std::nullopt;
    at += static_cast<std::size_t>(length);
  }
  return body;
}

void Spill::remove(const Entry& entry) const { ::unlink(path_of(entry).c_str()); }

std::string Spill::path_of(const Entry& entry) const {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(entry.made.time_since_epoch()).count();
  return directory_ + "/" + std::to_string(entry.sequence) + "-" + std::to_string(entry.spans) + "-" + std::to_string(entry.bytes) + "-" +
         std::to_string(ms) + std::string(kSuffix);
}

}  // namespace suture

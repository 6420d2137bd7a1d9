#include "trace/id_key.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace suture {

void fill_random(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(got));
    } else if (errno != EINTR) {
      std::abort();  // the call exists since Linux 3.17 and cannot fail otherwise; going on would repeat ids
    }
  }
}

IdKey random_id_key() {
  IdKey key;
  fill_random(key.bytes);
  return key;
}

}  // namespace suture

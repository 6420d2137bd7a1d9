#include "answer.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "commands.h"
#include "export/console/terminal_text.h"

namespace suture {
namespace {

int refuse(const std::string& why) {
  std::fprintf(stderr, "suture: %s\n", why.c_str());
  return why.rfind("not permitted", 0) == 0 ? kUsage : kFailed;
}

}  // namespace

int print_text(const Result<std::string>& answer) {
  if (!answer) return refuse(answer.error());
  for (std::string_view left = answer.value(); !left.empty();) {
    const std::string_view line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(line.size() + 1, left.size()));
    std::printf("%s\n", terminal_text(line, SIZE_MAX).c_str());
  }
  return kDone;
}

int print_data(const Result<std::string>& answer) {
  if (!answer) return refuse(answer.error());
  std::fputs(answer.value().c_str(), stdout);
  return kDone;
}

}  // namespace suture

// Facts out of exec events: see exec_facts.h.
#include "process/exec_facts.h"

#include <algorithm>

#include "process/path_name.h"

namespace suture {
namespace {

std::vector<std::string> split(std::string_view args) {
  std::vector<std::string> out;
  while (!args.empty()) {
    const std::size_t end = std::min(args.find('\0'), args.size());
    out.emplace_back(args.substr(0, end));
    args.remove_prefix(std::min(end + 1, args.size()));
  }
  return out;
}

}  // namespace

ProcessFacts facts_of_exec(const event_exec& event) {
  ProcessFacts facts;
  facts.pid = event.tgid;
  facts.start_ns = event.process_start_ns;
  std::string_view file(event.file, std::min<std::size_t>(event.file_bytes, sizeof event.file));
  file = file.substr(0, file.find('\0'));
  facts.args = split({event.args, std::min<std::size_t>(event.args_bytes, sizeof event.args)});
  facts.exe = absolute_path(file, {});
  facts.comm = basename_of(file).substr(0, 15);
  // "#!": the kernel put the interpreter, at most one argument, and the file in front of the arguments.
  for (std::size_t i = 1; i < std::min<std::size_t>(facts.args.size(), 3); ++i)
    if (facts.args[i] == file) facts.exe = absolute_path(facts.args[0], {});
  return facts;
}

}  // namespace suture

#include "link/known_programs.h"

namespace suture {

KnownProgram known_program(std::string_view executable) {
  const std::string_view name = executable.substr(executable.rfind('/') + 1);
  KnownProgram known;
  known.runs_to_completion = name == "nginx";    // each callback of its loop reads before it sends
  known.wakes_tell = !name.starts_with("ruby");  // ruby3.1: threads pass a lock on at words of their own
  return known;
}

}  // namespace suture

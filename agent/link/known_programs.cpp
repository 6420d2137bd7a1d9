#include "link/known_programs.h"

namespace suture {

KnownProgram known_program(std::string_view executable) {
  const std::string_view name = executable.substr(executable.rfind('/') + 1);
  KnownProgram known;
  // nginx: each callback of its loop reads before it sends. Apache: a worker has one request until that is answered.
  known.runs_to_completion = name == "nginx" || name == "apache2" || name == "httpd";
  const bool ruby = name.starts_with("ruby");  // ruby3.1
  known.wakes_complete = !ruby;  // its threads pass a lock on at words of their own
  known.keeps_threads = ruby;
  known.one_at_a_time = name.starts_with("python") && !name.ends_with('t');  // python3.13t: without the interpreter's lock
  return known;
}

}  // namespace suture

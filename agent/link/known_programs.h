#pragma once
// KnownProgram: how far the threads of a program can be believed, where its name tells.

#include <string_view>

namespace suture {

struct KnownProgram {
  bool runs_to_completion = false;  // its threads send only for what they read last: the thread's context is exact
  bool wakes_complete = true;       // false: threads wake each other for reasons of the runtime's own
  bool keeps_threads = false;       // a thread that has ended goes on as another one: of some the start, or the end, is not seen
  bool one_at_a_time = false;       // of its threads one runs at a time: they wait for each other, with a time-out, in the middle of anything
};

/// `executable`: the path that the process executes, "" where it is not known.
KnownProgram known_program(std::string_view executable);

}  // namespace suture

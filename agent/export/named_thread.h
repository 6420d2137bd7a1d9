#pragma once
// start_thread: every thread of the agent has a name (ps -L, perf, gdb) and leaves signals to the main thread.

#include <functional>
#include <thread>

namespace suture {

/// `name`: at most 15 characters, the kernel's limit. All signals that can be blocked are blocked in the new thread,
/// so that SIGTERM reaches the main thread, and writing to a pipe without a reader is EPIPE instead of our end.
std::thread start_thread(const char* name, std::function<void()> body);

}  // namespace suture

#pragma once
// find_runtime: which language runtime a process has, if it is one whose waiting requests can be found, and where that
// build of it keeps them. Reads /proc/PID and the executable; nothing is stopped, nothing is written. Any thread.

#include <cstdint>
#include <optional>
#include <string>

#include "wire/runtime.h"

namespace suture {

/// Nothing: no such runtime, or a version of it that is not known. Then the process's memory is not looked at.
std::optional<runtime> find_runtime(const std::string& proc_root, std::uint32_t pid);

/// One per runtime, each in its own file. `process` is the process's directory in /proc. Nothing is the usual answer, and
/// must be found out fast.
std::optional<runtime> find_go(const std::string& process);
/// Only a CPython that has imported asyncio: others have nothing that waits. Read from its memory, of which it may change what
/// is being read; then it may not be found.
std::optional<runtime> find_cpython(const std::string& process);
/// A Rust executable that has tokio in it and was not stripped of its symbols.
std::optional<runtime> find_tokio(const std::string& process);

}  // namespace suture

#pragma once
// What a command that asks the agent prints, and the exit code that it ends with.

#include <string>

#include "base/result.h"

namespace suture {

/// Text for people: names in it are chosen by strangers, so what a terminal would obey is taken out.
int print_text(const Result<std::string>& answer);
/// As it is.
int print_data(const Result<std::string>& answer);

}  // namespace suture

#pragma once
// Report: findings as people, programs and shells read them.

#include <span>
#include <string>

#include "doctor/finding.h"

namespace suture {

/// A heading and one line per finding, in columns that are aligned as long as their texts are short.
std::string to_text(std::span<const Finding> findings, bool color);

/// An array of objects with the texts id, state, found, needed and mend, and a newline.
std::string to_json(std::span<const Finding> findings);

/// "12 passed, 1 warning, 0 failures, 2 skipped".
std::string summary_of(std::span<const Finding> findings);

/// 0: all passed or skipped, 1: warnings, 2: failures.
int exit_code_of(std::span<const Finding> findings);

}  // namespace suture

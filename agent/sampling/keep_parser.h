#pragma once
// Reads the rule of --keep:
//
//   rule   = all { "||" all }        all = one { "&&" one }        one = "!" one | "(" rule ")" | what
//   what   = "error" | "slow" | "rare" | number "%"
//          | "duration" compare number ("ns" | "us" | "ms" | "s") | "status" compare number
//          | "service" ("==" | "!=") '"' name '"'
//   compare = ">" | ">=" | "<" | "<=" | "==" | "!="
//
// <, <= and != hold where no span of the trace has the contrary.

#include <string_view>

#include "base/result.h"
#include "sampling/keep_rule.h"

namespace suture {

/// An error says at which character, what is wrong and what may stand there.
Result<KeepRule> parse_keep_rule(std::string_view text);

}  // namespace suture

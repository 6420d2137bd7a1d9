#pragma once
// The name in a package.json. Not a JSON parser: it finds one string at the top level and skips the rest by its quotes
// and brackets.

#include <string>
#include <string_view>

namespace suture {

/// The value of the top-level member "name", or "" if there is none, it is no plain string (no escapes), or the text
/// ends before it. The text may be cut off anywhere.
std::string package_name_in(std::string_view json);

}  // namespace suture

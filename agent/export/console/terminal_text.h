#pragma once
// Text of services made safe for a terminal, and measured in columns: what a service is called and what its clients ask
// for is chosen by strangers, and a terminal obeys what it is sent.

#include <string>
#include <string_view>

namespace suture {

/// `hostile` without control characters (C0, C1), escape sequences as a whole, direction overrides and invisible
/// characters; line ends and tabs become blanks; what is no UTF-8 becomes U+FFFD. At most `max_columns` wide, the last
/// of them "…" if something was cut.
std::string terminal_text(std::string_view hostile, std::size_t max_columns);

/// Columns that `text` (of terminal_text()) takes: wide East Asian characters and emoji two, combining marks none.
std::size_t columns_of(std::string_view text);

}  // namespace suture

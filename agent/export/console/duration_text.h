#pragma once
// duration_text: nanoseconds as people say them: "870 ns", "12.3 µs", "3.4 ms", "1.2 s", "2 min 3 s".

#include <cstdint>
#include <string>

namespace suture {

/// At most 11 columns up to 16 hours.
std::string duration_text(std::int64_t ns);

}  // namespace suture

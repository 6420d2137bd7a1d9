#pragma once
// W3C Baggage (www.w3.org/TR/baggage): what a request's sender tells all who work for it. Read only where somebody asked for
// a key by name: values may be private.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace suture {

/// The members whose keys are in `keys` ("*": all), of all fields in the order of the message, as "key=value,key=value": values
/// percent-encoded as they came, properties left out. At most 180 members and 8192 bytes count (section 3.3.2), what is malformed
/// is skipped, and of a key that comes twice the first.
std::string select_baggage(std::span<const std::string_view> fields, const std::vector<std::string>& keys);

}  // namespace suture

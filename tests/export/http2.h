#pragma once
// As much of HTTP/2 (RFC 9113) as a server needs that answers what a test says: it reads frames, and no header.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fault_server.h"

namespace suture::test::http2 {

/// True if `buffer` holds frames or the client's preface.
bool speaks(std::string_view buffer);
/// Takes whole frames out of `buffer` and adds to `request`; true when that is complete. `reply`: what the connection
/// itself has to be answered.
bool read(std::string& buffer, ReceivedRequest& request, std::string& reply);

/// Frames of the stream 0; on_stream() gives them their own.
std::string headers(const std::vector<std::pair<std::string, std::string>>& list, bool end_stream);
std::string data(std::string_view bytes);
std::string on_stream(std::string frames, std::uint32_t stream);

}  // namespace suture::test::http2

#include "http2.h"

namespace suture::test::http2 {
namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::size_t kHead = 9;

enum Type : std::uint8_t { kData, kHeaders, kSettings = 4, kPing = 6, kWindowUpdate = 8 };
enum Flag : std::uint8_t { kEndStream = 1, kAck = 1, kEndHeaders = 4 };

std::string number(std::uint32_t value, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift & 0xFF));
  return out;
}

std::uint32_t number_at(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::string frame(Type type, int flags, std::uint32_t stream, std::string_view payload) {
  return number(static_cast<std::uint32_t>(payload.size()), 3) + static_cast<char>(type) + static_cast<char>(flags) + number(stream, 4) +
         std::string(payload);
}

}  // namespace

bool speaks(std::string_view buffer) {
  // A frame's length is less than 2^20 here, so its first byte is no letter.
  return buffer.starts_with(kPreface.substr(0, 3)) || (!buffer.empty() && buffer[0] < 16);
}

bool read(std::string& buffer, ReceivedRequest& request, std::string& reply) {
  if (buffer.starts_with('P')) {
    if (buffer.size() < kPreface.size()) return false;
    buffer.erase(0, kPreface.size());
    reply += frame(kSettings, 0, 0, {});
  }
  while (buffer.size() >= kHead) {
    const std::size_t length = number_at(std::string_view(buffer).substr(0, 3));
    if (buffer.size() < kHead + length) return false;
    const auto type = static_cast<std::uint8_t>(buffer[3]);
    const auto flags = static_cast<std::uint8_t>(buffer[4]);
    const std::uint32_t stream = number_at(std::string_view(buffer).substr(5, 4));
    const std::string payload = buffer.substr(kHead, length);
    buffer.erase(0, kHead + length);
    if (type == kSettings && (flags & kAck) == 0) reply += frame(kSettings, kAck, 0, {});
    if (type == kPing && (flags & kAck) == 0) reply += frame(kPing, kAck, 0, payload);
    if (type == kHeaders) request.stream = stream;
    if (type == kData) {
      request.body += payload;
      for (const std::uint32_t whose : {std::uint32_t{0}, stream})
        if (length != 0) reply += frame(kWindowUpdate, 0, whose, number(static_cast<std::uint32_t>(length), 4));
    }
    if ((type == kData || type == kHeaders) && (flags & kEndStream) != 0) return true;
  }
  return false;
}

std::string headers(const std::vector<std::pair<std::string, std::string>>& list, bool end_stream) {
  std::string block;
  for (const auto& [name, value] : list) {  // RFC 7541 6.2.2: literals without indexing, new names, no Huffman
    block.push_back(0);
    block += static_cast<char>(name.size()) + name;
    block += static_cast<char>(value.size()) + value;
  }
  return frame(kHeaders, kEndHeaders | (end_stream ? kEndStream : 0), 0, block);
}

std::string data(std::string_view bytes) { return frame(kData, 0, 0, bytes); }

std::string on_stream(std::string frames, std::uint32_t stream) {
  for (std::size_t at = 0; at < frames.size(); at += kHead + number_at(std::string_view(frames).substr(at, 3)))
    frames.replace(at + 5, 4, number(stream, 4));
  return frames;
}

}  // namespace suture::test::http2

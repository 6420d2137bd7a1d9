#include "proto/fastcgi/record.h"

#include <algorithm>
#include <cstring>

namespace suture::fastcgi {
namespace {

constexpr char kVersion = 1;

std::uint16_t number(char high, char low) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(high) << 8 | static_cast<unsigned char>(low));
}

}  // namespace

std::optional<RecordHeader> parse_header(const std::array<char, kHeaderBytes>& bytes) {
  if (bytes[0] != kVersion) return std::nullopt;
  return RecordHeader{static_cast<RecordType>(bytes[1]), number(bytes[2], bytes[3]), number(bytes[4], bytes[5]), static_cast<std::uint8_t>(bytes[6])};
}

RecordReader::Step RecordReader::step(std::string_view bytes) {
  if (content_left_ > 0) {
    const std::size_t taken = std::min<std::size_t>(content_left_, bytes.size());
    content_left_ -= static_cast<std::uint32_t>(taken);
    return {What::Content, taken};
  }
  if (padding_left_ > 0) {
    const std::size_t taken = std::min<std::size_t>(padding_left_, bytes.size());
    padding_left_ -= static_cast<std::uint32_t>(taken);
    return {What::Padding, taken};
  }
  const std::size_t taken = std::min(kHeaderBytes - have_, bytes.size());
  std::memcpy(partial_.data() + have_, bytes.data(), taken);
  if (partial_[0] != kVersion) return {What::Bad, 0};
  have_ = static_cast<std::uint8_t>(have_ + taken);
  if (have_ < kHeaderBytes) return {What::More, taken};
  have_ = 0;
  header_ = *parse_header(partial_);
  content_left_ = header_.content;
  padding_left_ = header_.padding;
  return {What::Header, taken};
}

std::optional<std::uint64_t> RecordReader::skip(std::uint64_t count) {
  const std::uint64_t content = std::min<std::uint64_t>(count, content_left_);
  const std::uint64_t padding = count - content;
  if (have_ > 0 || padding > padding_left_) return std::nullopt;
  content_left_ -= static_cast<std::uint32_t>(content);
  padding_left_ -= static_cast<std::uint32_t>(padding);
  return content;
}

}  // namespace suture::fastcgi

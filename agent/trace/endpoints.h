#pragma once
// Endpoints: the two addresses of a connection as its process sees them, and their text.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace suture {

/// Numbers are those of Linux's AF_ constants. None has no addresses, Unix has paths.
enum class AddressFamily : std::uint8_t { None = 0, Unix = 1, Inet = 2, Inet6 = 10 };

using AddressBytes = std::array<std::uint8_t, 16>;  // network byte order; IPv4 in the first 4

struct Endpoints {
  AddressFamily family = AddressFamily::None;
  AddressBytes local{};
  AddressBytes remote{};
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  const std::string* local_path = nullptr;  // Unix: what the socket is bound to, nullptr: to nothing. For as long as the agent runs
  const std::string* remote_path = nullptr;
};

/// The text of an address by RFC 5952. An IPv4 address inside IPv6 (::ffff:a.b.c.d) is written as IPv4, so that both
/// ends of a connection write the same. Empty for None; a Unix socket's path, which must outlive it. Own code, because
/// inet_ntop costs ~200 ns.
class AddressText {
 public:
  AddressText(AddressFamily family, const AddressBytes& address, const std::string* path = nullptr);
  std::string_view view() const { return path_ ? std::string_view(*path_) : std::string_view(bytes_.data(), size_); }

 private:
  void write_ipv4(const std::uint8_t* address);
  void write_ipv6(const AddressBytes& address);
  void put(char c) { bytes_[size_++] = c; }

  std::array<char, 40> bytes_;  // 39 for eight groups of four digits
  std::size_t size_ = 0;
  const std::string* path_;
};

}  // namespace suture

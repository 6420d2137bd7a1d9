#include "trace/span_id.h"

#include <array>

#include "trace/siphash.h"

namespace suture {
namespace {

// Says what kind of name is hashed, so that no sequence numbers collide with a nonce by construction. The numbers and
// the layout below are part of every id ever exported: changing them makes two versions of the agent disagree.
enum class NameKind : std::uint8_t { SequenceNumbers = 1, Nonce = 2 };

SpanId hash_name(const IdKey& key, NameKind name_kind, std::uint64_t name, std::uint64_t position, SpanKind kind) {
  std::array<std::uint8_t, 18> message;
  message[0] = static_cast<std::uint8_t>(name_kind);
  message[1] = static_cast<std::uint8_t>(kind);
  for (unsigned i = 0; i < 8; ++i) {
    message[2 + i] = static_cast<std::uint8_t>(name >> (56 - 8 * i));
    message[10 + i] = static_cast<std::uint8_t>(position >> (56 - 8 * i));
  }
  std::uint64_t hash = siphash_2_4(key.bytes, message);
  if (hash == 0) hash = 1;  // all zero is not an id (W3C Trace Context 3.2.2.4)
  SpanId id;
  for (unsigned i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>(hash >> (56 - 8 * i));
  return id;
}

}  // namespace

SpanId derive_span_id(const IdKey& key, std::uint32_t isn_sender, std::uint32_t isn_receiver, std::uint64_t position,
                      SpanKind kind) {
  const std::uint64_t name = std::uint64_t{isn_sender} << 32 | isn_receiver;
  return hash_name(key, NameKind::SequenceNumbers, name, position, kind);
}

SpanId derive_span_id(const IdKey& key, std::uint64_t connection_nonce, std::uint64_t position, SpanKind kind) {
  return hash_name(key, NameKind::Nonce, connection_nonce, position, kind);
}

}  // namespace suture

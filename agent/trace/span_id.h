#pragma once
// Span ids, derived and not drawn: a keyed hash of the connection's name, the message's position on it, and the kind of
// span. Both ends of a connection, on one host or on two that share a key, compute the same id for the same span
// without talking; a replay gives the same ids; and the sequence numbers cannot be read back.

#include <cstdint>

#include "base/ids.h"
#include "trace/id_key.h"
#include "trace/span.h"

namespace suture {

/// The id of the span of `kind` of the request whose first byte has `position` in its direction. The connection is
/// named by its initial sequence numbers as the request's sender has them: its own first. The receiver passes the same
/// two in the same order. Never all zero.
SpanId derive_span_id(const IdKey& key, std::uint32_t isn_sender, std::uint32_t isn_receiver, std::uint64_t position,
                      SpanKind kind);

/// The same for a connection without sequence numbers (a Unix socket, or one of which the kernel did not tell): named
/// by 64 bits that only this agent knows.
SpanId derive_span_id(const IdKey& key, std::uint64_t connection_nonce, std::uint64_t position, SpanKind kind);

}  // namespace suture

// The chunked coding: where it ends, what it tolerates, and what the bytes are.
#include "proto/http1/chunks.h"

#include <gtest/gtest.h>

#include <string>

namespace suture::http1 {
namespace {

struct Decoded {
  ChunkDecoder::Status status = ChunkDecoder::Status::More;
  std::size_t taken = 0;
  bool suspicious = false;
  std::string kinds;  // one letter a byte
};

/// Hands over `piece` bytes at a time.
Decoded decode(std::string_view text, std::size_t piece) {
  Decoded out;
  ChunkDecoder decoder;
  while (out.taken < text.size() && out.status == ChunkDecoder::Status::More) {
    std::string_view some = text.substr(out.taken, piece);
    while (!some.empty() && out.status == ChunkDecoder::Status::More) {
      const auto step = decoder.step(some);
      out.status = step.status;
      out.taken += step.taken;
      out.kinds.append(step.taken, step.kind == PieceClass::Body ? 'b' : step.kind == PieceClass::Head ? 'h' : 'c');
      some.remove_prefix(step.taken);
    }
  }
  out.suspicious = decoder.suspicious();
  return out;
}

TEST(Http1Chunks, EndWhereRfc9112Says) {
  using Status = ChunkDecoder::Status;
  struct Vector {
    std::string_view text;
    Status status;
    std::size_t taken;  // when Done
    bool suspicious;
  };
  const Vector vectors[] = {
      {"0\r\n\r\nGET", Status::Done, 5, false},
      {"3\r\nabc\r\n0\r\n\r\n", Status::Done, 13, false},
      {"A\r\n0123456789\r\n00\r\n\r\nx", Status::Done, 21, false},
      {"1;a=\"b\"\r\nx\r\n0 ;c\r\n\r\n", Status::Done, 20, false},
      {"0\r\nTrailer: a\r\nOther: b\r\n\r\nGET", Status::Done, 27, false},
      {"3\r\nabc\r\n", Status::More, 0, false},
      {"0\r\nTrailer: a\r\n", Status::More, 0, false},
      {"ffffffffffffffff\r\nabc", Status::More, 0, false},
      {"1\nx\r\n0\r\n\r\n", Status::Done, 10, true},
      {"1\r\nx\n0\r\n\r\n", Status::Done, 10, true},
      {"1;a\nx\r\n0\r\n\r\n", Status::Done, 12, true},
      {"0\r\n\n", Status::Done, 4, true},
      {"\r\n", Status::Bad, 0, false},
      {"x\r\n", Status::Bad, 0, false},
      {"-1\r\n", Status::Bad, 0, false},
      {"0x1\r\n", Status::Bad, 0, false},
      {"1\rx", Status::Bad, 0, false},
      {"1;a\rb\r\n", Status::Bad, 0, false},
      {"1\r\nxy\r\n", Status::Bad, 0, true},
      {"1\r\nx\ry", Status::Bad, 0, false},
      {"0\r\n\rx", Status::Bad, 0, false},
      {"10000000000000000\r\n", Status::Bad, 0, false},
  };
  for (const Vector& v : vectors) {
    for (const std::size_t piece : {v.text.size(), std::size_t{1}, std::size_t{3}}) {
      const Decoded decoded = decode(v.text, piece);
      EXPECT_EQ(decoded.status, v.status) << v.text;
      if (v.status == Status::Done) { EXPECT_EQ(decoded.taken, v.taken) << v.text; }
      EXPECT_EQ(decoded.suspicious, v.suspicious) << v.text;
    }
  }
}

TEST(Http1Chunks, SayWhatEachByteIs) {
  const std::string_view text = "3;ext\r\nabc\r\n0\r\nT: u\r\n\r\n";
  const std::string_view kinds = "ccbbbccbbbccccchhhhhhcc";
  EXPECT_EQ(decode(text, text.size()).kinds, kinds);
  EXPECT_EQ(decode(text, 1).kinds, kinds);
}

TEST(Http1Chunks, DataMayBeSkippedUpToTheChunksEnd) {
  ChunkDecoder decoder;
  EXPECT_EQ(decoder.step("64\r\n").taken, 3u);
  EXPECT_EQ(decoder.step("\n").taken, 1u);
  EXPECT_EQ(decoder.data_left(), 100u);
  decoder.skip_data(100);
  EXPECT_EQ(decoder.data_left(), 0u);
  EXPECT_EQ(decoder.step("\r").status, ChunkDecoder::Status::More);
}

TEST(Http1Chunks, TheEndIsRecognisedFromTheLastBytes) {
  EXPECT_TRUE(ends_in_last_chunk("abc\r\n0\r\n\r\n", false));
  EXPECT_TRUE(ends_in_last_chunk("0\r\n\r\n", true));
  EXPECT_FALSE(ends_in_last_chunk("0\r\n\r\n", false));
  EXPECT_FALSE(ends_in_last_chunk("10\r\n\r\n", true));
  EXPECT_FALSE(ends_in_last_chunk("\r\n0\r\n\r\nx", true));
}

}  // namespace
}  // namespace suture::http1

#include "sampling/packed_span.h"

#include <gtest/gtest.h>

#include "sample.h"

namespace suture::test {
namespace {

void expect_equal(const Span& a, const Span& b) {
  EXPECT_EQ(a.trace_id, b.trace_id);
  EXPECT_EQ(a.span_id, b.span_id);
  EXPECT_EQ(a.parent_id, b.parent_id);
  EXPECT_EQ(a.trace_flags, b.trace_flags);
  EXPECT_EQ(a.parent_is_remote, b.parent_is_remote);
  EXPECT_EQ(a.begun_elsewhere, b.begun_elsewhere);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.status, b.status);
  EXPECT_EQ(a.start_unix_ns, b.start_unix_ns);
  EXPECT_EQ(a.end_unix_ns, b.end_unix_ns);
  EXPECT_EQ(a.process, b.process);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.trace_state, b.trace_state);
  ASSERT_EQ(a.attributes.size(), b.attributes.size());
  for (std::size_t i = 0; i < a.attributes.size(); ++i) {
    const AttributeList::Entry &one = a.attributes.begin()[i], &other = b.attributes.begin()[i];
    EXPECT_EQ(one.key, other.key);
    ASSERT_EQ(one.type, other.type);
    if (one.type == AttributeList::Entry::Type::Text) EXPECT_EQ(a.attributes.text(one), b.attributes.text(other));
    else EXPECT_EQ(one.value.integer, other.value.integer);
  }
  ASSERT_EQ(a.links.size(), b.links.size());
  for (std::size_t i = 0; i < a.links.size(); ++i) {
    EXPECT_EQ(a.links[i].trace_id, b.links[i].trace_id);
    EXPECT_EQ(a.links[i].span_id, b.links[i].span_id);
    EXPECT_EQ(a.links[i].trace_state, b.links[i].trace_state);
    EXPECT_EQ(a.links[i].flags, b.links[i].flags);
    EXPECT_EQ(a.links[i].method, b.links[i].method);
  }
}

TEST(PackedSpan, ComesOutAsItWentInAndOneAfterTheOther) {
  Span rich = from_elsewhere(client_span(7, 2, 503));
  rich.trace_state = "a=1";
  rich.attributes.add(AttributeKey::SutureLinkConfidence, 0.5);
  rich.attributes.add(AttributeKey::SutureObserved, true);
  rich.attributes.add(AttributeKey::UrlQuery, "");
  rich.links = {{trace_id(8), span_id(3), "b=2", 1, "late"}, {trace_id(9), span_id(4), "", 0, ""}};
  Span poor;
  poor.trace_id = rich.trace_id;
  std::string packed;
  pack(rich, packed);
  pack(poor, packed);
  std::string_view rest = packed;
  expect_equal(rich, unpack(rest, rich.trace_id));
  expect_equal(poor, unpack(rest, rich.trace_id));
  EXPECT_TRUE(rest.empty());
}

TEST(PackedSpan, TakesLessThanHalfOfWhatItIsMadeOf) {
  std::string packed;
  const Span span = entry_span(1);
  pack(span, packed);
  EXPECT_LT(packed.size(), span.weight_bytes() / 2);
}

}  // namespace
}  // namespace suture::test

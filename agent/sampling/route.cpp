#include "sampling/route.h"

#include <algorithm>

#include "trace/ascii.h"
#include "trace/span_naming.h"

namespace suture {
namespace {

constexpr std::size_t kLongestWord = 32;  // longer segments are tokens of some kind
constexpr std::int64_t kNotFound = 404;

/// FNV-1a, 64 bits, with an end mark after each part: two parts are not the same as their sum.
class Hash {
 public:
  void add(std::string_view part) {
    for (const char c : part) mix(static_cast<std::uint8_t>(c));
    mix(0xff);
  }
  void add(std::int64_t number) {
    for (int i = 0; i < 8; ++i) mix(static_cast<std::uint8_t>(number >> (8 * i)));
  }
  std::uint64_t value() const { return value_; }

 private:
  void mix(std::uint8_t byte) { value_ = (value_ ^ byte) * 0x100000001b3ull; }

  std::uint64_t value_ = 0xcbf29ce484222325ull;
};

std::string_view text_of(const Span& span, AttributeKey key) {
  const AttributeList::Entry* entry = span.attributes.find(key);
  return entry && entry->type == AttributeList::Entry::Type::Text ? span.attributes.text(*entry) : std::string_view();
}

/// "v1" is a word: it names a version of the interface.
bool is_id(std::string_view segment) {
  if (segment.size() > kLongestWord) return true;
  if (segment.starts_with('v') && segment.size() <= 3) return false;
  return std::any_of(segment.begin(), segment.end(), ascii::is_digit);
}

void add_path(Hash& hash, std::string_view path) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    hash.add(is_id(segment) ? std::string_view("{}") : segment);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
}

void add_sender_and_method(Hash& hash, const Span& span, std::string_view service) {
  hash.add(service);
  hash.add(static_cast<std::int64_t>(span.kind));
  hash.add(text_of(span, AttributeKey::HttpRequestMethod));
}

}  // namespace

std::uint64_t route_of(const Span& span, std::string_view service) {
  Hash hash;
  add_sender_and_method(hash, span, service);
  add_path(hash, path_of(span));
  return hash.value();
}

std::uint64_t outcome_of(const Span& span, std::string_view service) {
  const AttributeList::Entry* status = span.attributes.find(AttributeKey::HttpResponseStatusCode);
  const std::int64_t code = status ? status->value.integer : 0;
  Hash hash;
  add_sender_and_method(hash, span, service);
  if (code != kNotFound) add_path(hash, path_of(span));
  hash.add(code);
  hash.add(text_of(span, AttributeKey::ErrorType));
  return hash.value();
}

}  // namespace suture

#pragma once
// AttributeList: a span's attributes in one allocation. Keys are a closed list, so that every exported name stands in
// one table (attribute_key.h) that a test holds against the semantic conventions.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "trace/attribute_key.h"

namespace suture {

class AttributeList {
 public:
  static constexpr std::size_t kCapacity = 32;  // more than any span of ours has; what exceeds it is counted

  struct Entry {
    AttributeKey key{};
    enum class Type : std::uint8_t { Text, Integer, Double, Boolean } type = Type::Text;
    std::uint32_t length = 0;  // of a text
    union {
      std::uint64_t offset;  // of a text, in text_
      std::int64_t integer;
      double number;
    } value{};
  };

  void add(AttributeKey key, std::string_view text) {
    Entry* entry = next(key, Entry::Type::Text);
    if (!entry) return;
    entry->value.offset = text_.size();
    entry->length = static_cast<std::uint32_t>(text.size());
    text_.append(text);
  }
  void add(AttributeKey key, const char* text) { add(key, std::string_view(text)); }
  void add(AttributeKey key, std::int64_t integer) {
    if (Entry* entry = next(key, Entry::Type::Integer)) entry->value.integer = integer;
  }
  void add(AttributeKey key, double number) {
    if (Entry* entry = next(key, Entry::Type::Double)) entry->value.number = number;
  }
  void add(AttributeKey key, bool flag) {
    if (Entry* entry = next(key, Entry::Type::Boolean)) entry->value.integer = flag ? 1 : 0;
  }

  std::size_t size() const { return size_; }
  const Entry* begin() const { return entries_.data(); }
  const Entry* end() const { return entries_.data() + size_; }
  std::string_view text(const Entry& entry) const {
    return std::string_view(text_).substr(static_cast<std::size_t>(entry.value.offset), entry.length);
  }
  /// The entry of `key`, or nullptr.
  const Entry* find(AttributeKey key) const {
    for (const Entry& entry : *this)
      if (entry.key == key) return &entry;
    return nullptr;
  }
  std::uint32_t dropped() const { return dropped_; }
  /// Drops all but the first `most`.
  void keep_first(std::size_t most) {
    if (size_ <= most) return;
    dropped_ += static_cast<std::uint32_t>(size_ - most);
    size_ = static_cast<std::uint8_t>(most);
  }
  /// Of each text so many characters stay; of bytes that are no UTF-8 at least so many.
  void cut_texts(std::size_t characters) {
    for (std::size_t i = 0; i < size_; ++i)
      if (Entry& entry = entries_[i]; entry.type == Entry::Type::Text) entry.length = length_of(text(entry), characters);
  }
  std::size_t heap_bytes() const { return text_.capacity(); }
  void reserve_text(std::size_t bytes) { text_.reserve(bytes); }

 private:
  static std::uint32_t length_of(std::string_view text, std::size_t characters) {
    std::uint32_t bytes = 0;
    for (; bytes < text.size(); ++bytes) {
      const bool goes_on = (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80;
      if (!goes_on && characters-- == 0) break;
    }
    return bytes;
  }

  Entry* next(AttributeKey key, Entry::Type type) {
    if (size_ == kCapacity) {
      ++dropped_;
      return nullptr;
    }
    Entry* entry = &entries_[size_++];
    entry->key = key;
    entry->type = type;
    return entry;
  }

  std::string text_;
  std::array<Entry, kCapacity> entries_;
  std::uint8_t size_ = 0;
  std::uint32_t dropped_ = 0;
};

}  // namespace suture

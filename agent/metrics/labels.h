#pragma once
// Labels: the attributes that tell one series of a metric from the others, packed into one string. That string is what a
// series is found by, so the same labels must always be added in the same order.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/label_key.h"

namespace suture {

struct Label {
  enum class Type : std::uint8_t { Text, Integer, Boolean };
  LabelKey key{};
  Type type = Type::Text;
  std::string_view text;     // of a text; lives as long as the Labels
  std::int64_t integer = 0;  // of the others
};

class Labels {
 public:
  static constexpr std::size_t kMaxText = 255;  // bytes kept: more than a host name can have

  void clear() { bytes_.clear(); }
  void add(LabelKey key, std::string_view text);
  void add(LabelKey key, const char* text) { add(key, std::string_view(text)); }
  void add(LabelKey key, std::int64_t integer) { add_number(key, Label::Type::Integer, integer); }
  void add(LabelKey key, bool flag) { add_number(key, Label::Type::Boolean, flag ? 1 : 0); }

  bool empty() const { return bytes_.empty(); }
  std::string_view bytes() const { return bytes_; }
  /// In the order in which they were added.
  std::vector<Label> list() const;

  friend bool operator==(const Labels&, const Labels&) = default;

 private:
  void add_number(LabelKey key, Label::Type type, std::int64_t number);

  std::string bytes_;  // for each label: key, type, length of the value, value
};

/// What is counted where there is no room for another series (OpenTelemetry specification, metrics/sdk.md, "Overflow
/// attribute").
inline Labels overflow_labels() {
  Labels labels;
  labels.add(LabelKey::OtelMetricOverflow, true);
  return labels;
}

}  // namespace suture

#include "metrics/labels.h"

#include <cstring>

namespace suture {
namespace {

constexpr std::size_t kHead = 3;

}  // namespace

void Labels::add(LabelKey key, std::string_view text) {
  text = text.substr(0, kMaxText);
  const char head[kHead] = {static_cast<char>(key), static_cast<char>(Label::Type::Text), static_cast<char>(text.size())};
  bytes_.append(head, kHead);
  bytes_.append(text);
}

void Labels::add_number(LabelKey key, Label::Type type, std::int64_t number) {
  const char head[kHead] = {static_cast<char>(key), static_cast<char>(type), static_cast<char>(sizeof(number))};
  bytes_.append(head, kHead);
  bytes_.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

std::vector<Label> Labels::list() const {
  std::vector<Label> labels;
  for (std::string_view rest = bytes_; rest.size() >= kHead;) {
    Label label;
    label.key = static_cast<LabelKey>(rest[0]);
    label.type = static_cast<Label::Type>(rest[1]);
    const std::string_view value = rest.substr(kHead, static_cast<unsigned char>(rest[2]));
    if (label.type == Label::Type::Text) label.text = value;
    else std::memcpy(&label.integer, value.data(), sizeof(label.integer));
    labels.push_back(label);
    rest.remove_prefix(kHead + value.size());
  }
  return labels;
}

}  // namespace suture

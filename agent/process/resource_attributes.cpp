// OTEL_RESOURCE_ATTRIBUTES: see resource_attributes.h.
#include "process/resource_attributes.h"

#include <algorithm>
#include <charconv>

#include "trace/ascii.h"

namespace suture {
namespace {

constexpr std::size_t kMaxAttributes = 64;  // SDKs keep 128 on a span; resources in the field have fewer than 20

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    unsigned char byte = 0;
    if (text.size() - i < 3) return std::nullopt;
    const char* digits = text.data() + i + 1;
    if (std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) return std::nullopt;
    out.push_back(static_cast<char>(byte));
    i += 2;
  }
  return out;
}

}  // namespace

std::optional<ResourceAttributes> parse_resource_attributes(std::string_view text) {
  ResourceAttributes attributes;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view member = ascii::trim(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (member.empty()) continue;  // "a=b," is common and harmless

    const std::size_t equals = member.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    std::optional<std::string> key = percent_decode(ascii::trim(member.substr(0, equals)));
    std::optional<std::string> value = percent_decode(ascii::trim(member.substr(equals + 1)));
    if (!key || key->empty() || !value) return std::nullopt;

    const auto same = [&](const auto& attribute) { return attribute.first == *key; };
    const auto old = std::find_if(attributes.begin(), attributes.end(), same);
    if (old != attributes.end()) {
      old->second = std::move(*value);
    } else if (attributes.size() < kMaxAttributes) {
      attributes.emplace_back(std::move(*key), std::move(*value));
    }
  }
  return attributes;
}

}  // namespace suture

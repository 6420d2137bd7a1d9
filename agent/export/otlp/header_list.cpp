#include "export/otlp/header_list.h"

#include <algorithm>

#include "export/otlp/percent.h"
#include "trace/ascii.h"

namespace suture {
namespace {

/// RFC 9110 5.6.2: the characters of a header name.
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

}  // namespace

bool is_field_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

HttpHeaders headers_from(const Setting& setting, Warnings& warnings) {
  HttpHeaders headers;
  std::string_view rest = setting.value;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string_view member = ascii::trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (member.empty()) continue;
    const auto equals = member.find('=');
    const std::string key = percent_decoded(ascii::trim(member.substr(0, equals)));
    const std::string value =
        equals == std::string_view::npos ? std::string() : percent_decoded(ascii::trim(member.substr(equals + 1)));
    if (equals == std::string_view::npos || !is_token(key) || !is_field_value(value)) {
      // Neither name nor value is shown: a secret without '=' looks like a name.
      warnings.push_back(setting.name + ": a member is no header and was left out. Write name=value,name2=value2.");
      continue;
    }
    headers.emplace_back(key, value);
  }
  return headers;
}

}  // namespace suture

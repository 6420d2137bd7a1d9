// The name in a package.json: see package_json.h.
#include "process/package_json.h"

namespace suture {
namespace {

// npm refuses longer ones (npm's package.json documentation, "name").
constexpr std::size_t kPackageNameMax = 214;

/// `json[at]` is a quote: returns what stands between it and its partner, and moves `at` behind that. An unfinished
/// string moves `at` to the end.
std::string_view take_string(std::string_view json, std::size_t& at) {
  const std::size_t begin = ++at;
  while (at < json.size() && json[at] != '"') at += json[at] == '\\' ? 2 : 1;
  if (at >= json.size()) {
    at = json.size();
    return {};
  }
  return json.substr(begin, at++ - begin);
}

void skip_space(std::string_view json, std::size_t& at) {
  while (at < json.size() && (json[at] == ' ' || json[at] == '\t' || json[at] == '\r' || json[at] == '\n')) ++at;
}

}  // namespace

std::string package_name_in(std::string_view json) {
  std::size_t at = 0;
  int depth = 0;
  while (at < json.size()) {
    const char c = json[at];
    if (c != '"') {
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at;
      continue;
    }
    const std::string_view text = take_string(json, at);
    if (depth != 1 || text != "name") continue;
    skip_space(json, at);
    if (at >= json.size() || json[at] != ':') continue;  // a value that happens to be "name"
    skip_space(json, ++at);
    if (at >= json.size() || json[at] != '"') return {};
    const std::string_view name = take_string(json, at);
    if (name.size() > kPackageNameMax || name.find('\\') != std::string_view::npos) return {};
    return std::string(name);
  }
  return {};
}

}  // namespace suture

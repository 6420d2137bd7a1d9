#include "proto/fastcgi/params.h"

#include "proto/http1/fields.h"

namespace suture::fastcgi {
namespace {

constexpr std::string_view kHttp = "HTTP_";

/// What is wanted of the pairs, beside the fields.
struct Wanted {
  std::string_view method, uri, script, path_info, query, scheme, https, client;
};

void take(const Pair& pair, Wanted& wanted) {
  if (pair.name == "REQUEST_METHOD") wanted.method = pair.value;
  else if (pair.name == "REQUEST_URI") wanted.uri = pair.value;
  else if (pair.name == "SCRIPT_NAME") wanted.script = pair.value;
  else if (pair.name == "PATH_INFO") wanted.path_info = pair.value;
  else if (pair.name == "QUERY_STRING") wanted.query = pair.value;
  else if (pair.name == "REQUEST_SCHEME") wanted.scheme = pair.value;
  else if (pair.name == "HTTPS") wanted.https = pair.value;
  else if (pair.name == "REMOTE_ADDR") wanted.client = pair.value;
}

Slice slice_of(const std::string& head, std::string_view value) {
  if (value.empty()) return {};
  return {static_cast<std::uint16_t>(value.data() - head.data()), static_cast<std::uint16_t>(value.size())};
}

Slice append(std::string& head, std::string_view text) {
  const std::size_t offset = head.size();
  head.append(text);
  return {static_cast<std::uint16_t>(offset), static_cast<std::uint16_t>(text.size())};
}

}  // namespace

PairLength pair_length(std::string_view bytes) {
  if (bytes.empty()) return {};
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])); };
  if (byte(0) < 0x80) return {byte(0), 1};
  if (bytes.size() < 4) return {};
  return {(byte(0) & 0x7f) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3), 4};
}

std::optional<Pair> next_pair(std::string_view& rest) {
  const PairLength name = pair_length(rest);
  if (name.bytes == 0) return std::nullopt;
  const PairLength value = pair_length(rest.substr(name.bytes));
  if (value.bytes == 0) return std::nullopt;
  const std::uint64_t begin = name.bytes + value.bytes;
  const std::uint64_t size = begin + name.value + value.value;
  if (size > rest.size()) return std::nullopt;
  const Pair pair{rest.substr(begin, name.value), rest.substr(begin + name.value, value.value)};
  rest.remove_prefix(size);
  return pair;
}

std::string_view field_name(std::string_view name, char (&text)[kMaxName]) {
  const bool content = name == "CONTENT_LENGTH";
  if (!content && (!name.starts_with(kHttp) || name.size() - kHttp.size() > kMaxName)) return {};
  if (!content) name.remove_prefix(kHttp.size());
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    text[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    if (!http1::is_token(text[i])) return {};
  }
  return {text, name.size()};
}

bool parse_params(HttpRequest& request, bool truncated, std::optional<std::uint64_t>& content_length) {
  std::string& head = request.head;
  request.carrier = Carrier::FastCgi;
  request.truncated = truncated;
  http1::HeadFacts facts;
  http1::RequestFields fields(head.data(), request, facts);
  Wanted wanted;
  std::string_view rest = head;
  while (const std::optional<Pair> pair = next_pair(rest)) {
    char text[kMaxName];
    const std::string_view name = field_name(pair->name, text);
    const std::string_view value = http1::trim(pair->value);
    if (name.empty()) take(*pair, wanted);
    else if (value.empty()) continue;  // nginx also sends what it has no value for
    else if (fields({name.data(), name.size(), value})) request.suspicious = true;
  }
  if (!rest.empty() && !truncated) return false;
  if (wanted.method.empty()) return false;

  request.method = slice_of(head, wanted.method);
  request.client = slice_of(head, wanted.client);
  request.target = slice_of(head, wanted.uri);
  request.scheme = slice_of(head, wanted.scheme);
  content_length = facts.length == http1::HeadFacts::Length::Valid    ? std::optional(facts.content_length)
                   : facts.length == http1::HeadFacts::Length::Absent ? std::optional<std::uint64_t>(0)
                                                                      : std::nullopt;
  if (truncated && facts.length == http1::HeadFacts::Length::Absent) content_length.reset();
  const bool secure = !wanted.https.empty() && wanted.https != "off";
  if (request.target.empty() && !wanted.script.empty()) {
    std::string target(wanted.script);
    target.append(wanted.path_info);
    if (!wanted.query.empty()) target.append("?").append(wanted.query);
    request.target = append(head, target);  // from here on the views above are of bytes that have moved
  }
  if (request.scheme.empty() && secure) request.scheme = append(head, "https");
  return true;
}

}  // namespace suture::fastcgi

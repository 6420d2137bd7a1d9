#include "trace/query_redactor.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "trace/ascii.h"

namespace suture {
namespace {

constexpr std::size_t kMaxDecodedKey = 128;  // of a decoded key; none in the lists is nearly as long

/// Where `stops` first holds at or behind `from`, or the end. string_view's own search calls memchr for every byte.
template <typename Stops>
std::size_t find_end(std::string_view text, std::size_t from, Stops stops) {
  while (from < text.size() && !stops(text[from])) ++from;
  return from;
}

/// Decodes percent-encoding and folds case into `buffer`. "" if it does not fit.
std::string_view normalize(std::string_view key, std::array<char, kMaxDecodedKey>& buffer) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (size == buffer.size()) return {};
    char c = key[i];
    unsigned char code = 0;
    if (c == '%' && i + 2 < key.size() &&
        std::from_chars(key.data() + i + 1, key.data() + i + 3, code, 16).ptr == key.data() + i + 3) {
      c = static_cast<char>(code);
      i += 2;
    }
    buffer[size++] = ascii::to_lower(c);
  }
  return {buffer.data(), size};
}

/// "user[password]" -> "password"; other keys -> "".
std::string_view innermost(std::string_view key) {
  if (!key.ends_with(']')) return {};
  const std::size_t open = key.rfind('[');
  if (open == std::string_view::npos) return {};
  return key.substr(open + 1, key.size() - open - 2);
}

}  // namespace

QueryRedactor::QueryRedactor(std::vector<std::string> exact, std::vector<std::string> any_case)
    : exact_(std::make_move_iterator(exact.begin()), std::make_move_iterator(exact.end())),
      any_case_(std::make_move_iterator(any_case.begin()), std::make_move_iterator(any_case.end())) {
  for (const Keys* keys : {&exact_, &any_case_})
    for (const std::string& key : *keys) shapes_.set(shape_of(key));
}

/// Length and first letter, both modulo; the five bits of a letter are the same in either case.
std::size_t QueryRedactor::shape_of(std::string_view key) {
  const std::size_t first = key.empty() ? 0 : static_cast<unsigned char>(key[0]) & 31u;
  return (key.size() & 15u) << 5 | first;
}

std::vector<std::string> QueryRedactor::convention_keys() {
  return {"X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "AWSAccessKeyId", "Signature", "sig",
          "X-Goog-Signature"};
}

std::vector<std::string> QueryRedactor::common_keys() {
  return {
      // who one is
      "password",
      "passwd",
      "passphrase",
      "pass",
      "pwd",
      "pin",
      "otp",
      "totp",
      "secret",
      "client_secret",
      "credential",
      "credentials",
      "auth",
      "authorization",
      "signature",
      "private_key",
      "ssn",
      // what lets one in
      "token",
      "access_token",
      "accesstoken",
      "refresh_token",
      "id_token",
      "auth_token",
      "authtoken",
      "bearer",
      "jwt",
      "assertion",
      "client_assertion",
      "saml_response",
      "samlresponse",
      "code",
      "code_verifier",
      "api_key",
      "apikey",
      "api-key",
      "access_key",
      "accesskey",
      "key",
      "x-api-key",
      "csrf",
      "csrf_token",
      "xsrf_token",
      "x-goog-credential",
      "x-amz-signature",
      "x-amz-credential",
      "x-amz-security-token",
      "awsaccesskeyid",
      // sessions
      "session",
      "session_id",
      "sessionid",
      "session_token",
      "sid",
      "phpsessid",
      "jsessionid",
      // what one pays with
      "card",
      "card_number",
      "cardnumber",
      "credit_card",
      "creditcard",
      "cc_number",
      "cvv",
      "cvc",
      "iban",
      "account_number",
  };
}

bool QueryRedactor::sensitive(std::string_view key) const {
  const bool plain = find_end(key, 0, [](char c) { return c == '%' || c == ']'; }) == key.size();
  if (plain && !shapes_.test(shape_of(key))) return false;
  if (exact_.find(key) != exact_.end()) return true;
  std::array<char, kMaxDecodedKey> buffer;
  const std::string_view normal = normalize(key, buffer);
  const auto listed = [&](std::string_view name) { return any_case_.find(name) != any_case_.end(); };
  return listed(normal) || listed(innermost(normal));
}

void QueryRedactor::append_redacted(std::string_view query, BoundedText& out) const {
  while (!query.empty()) {
    // A key begins behind "&", or behind ";" for those who separate by it; but a hidden value ends only at "&", because
    // for all others the ";" is part of it.
    const std::size_t key_end = find_end(query, 0, [](char c) { return c == '=' || c == '&' || c == ';'; });
    if (key_end == query.size()) {
      out.append(query);
      return;
    }
    const bool hide = query[key_end] == '=' && sensitive(query.substr(0, key_end));
    const std::size_t separator = find_end(query, key_end, [hide](char c) { return c == '&' || (c == ';' && !hide); });
    const std::size_t next = std::min(separator + 1, query.size());
    if (hide) {
      out.append(query.substr(0, key_end + 1));
      out.append("REDACTED");
      out.append(query.substr(separator, next - separator));
    } else {
      out.append(query.substr(0, next));
    }
    query.remove_prefix(next);
  }
}

}  // namespace suture

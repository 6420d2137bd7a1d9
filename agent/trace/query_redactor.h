#pragma once
// QueryRedactor: copies a URL's query and puts REDACTED in place of the values of sensitive keys. Keys are kept.

#include <bitset>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "trace/attribute_text.h"

namespace suture {

class QueryRedactor {
 public:
  /// The convention's list and ours.
  QueryRedactor() : QueryRedactor(convention_keys(), common_keys()) {}
  /// `exact` keys are compared as they are, as the convention asks; `any_case` keys are given in lower case and match
  /// any case, percent-encoded, and inside brackets ("user[password]").
  QueryRedactor(std::vector<std::string> exact, std::vector<std::string> any_case);

  /// Semantic conventions v1.44.0, url.query: signatures and credentials of signed URLs.
  static std::vector<std::string> convention_keys();
  /// What applications call passwords, tokens, sessions and payment data.
  static std::vector<std::string> common_keys();

  /// Appends `query` (without "?") to `out`.
  void append_redacted(std::string_view query, BoundedText& out) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Keys = std::unordered_set<std::string, Hash, std::equal_to<>>;

  static std::size_t shape_of(std::string_view key);
  bool sensitive(std::string_view key) const;

  Keys exact_;
  Keys any_case_;
  std::bitset<512> shapes_;  // of all listed keys: most other keys are told apart by theirs, without a look-up
};

}  // namespace suture

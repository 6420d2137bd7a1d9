#include "sampling/keep_parser.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "sampling/percentage.h"
#include "trace/ascii.h"

namespace suture {
namespace {

constexpr std::size_t kMaxDepth = 32;  // of parentheses and "!": more than anyone writes, little for the stack

enum class Compare : std::uint8_t { Greater, GreaterOrEqual, Less, LessOrEqual, Equal, NotEqual };

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Descends through the text once. After the first error nothing more is read.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<KeepRule> parse() {
    rule();
    if (error_.empty() && !at_end()) fail("|| or && or the end is expected");
    if (!error_.empty()) return Error{error_};
    return KeepRule(std::move(conditions_), std::move(steps_));
  }

 private:
  using Kind = KeepRule::Step::Kind;

  // Each returns whether what it read is a condition, that can be negated.

  bool rule() {
    bool negatable = all();
    while (error_.empty() && take("||")) {
      negatable &= all();
      steps_.push_back({Kind::Or});
    }
    return negatable;
  }

  bool all() {
    bool negatable = one();
    while (error_.empty() && take("&&")) {
      negatable &= one();
      steps_.push_back({Kind::And});
    }
    return negatable;
  }

  bool one() {
    if (!error_.empty()) return false;
    if (++depth_ > kMaxDepth) return fail("more than 32 levels of ( and !; write the rule with fewer");
    const std::size_t from = skip_space();
    bool negatable = false;
    if (take("!")) {
      negatable = one();
      if (!negatable) return fail_at(from, "a share cannot be negated; write ! before conditions only, and what remains as a share, as in 90%");
      steps_.push_back({Kind::Not});
    } else if (take("(")) {
      negatable = rule();
      if (error_.empty() && !take(")")) return fail(") is missing");
    } else {
      negatable = what();
    }
    --depth_;
    return negatable;
  }

  bool what() {
    const std::size_t from = skip_space();
    if (!at_end() && ascii::is_digit(text_[at_])) return share();
    const std::string_view word = take_word();
    if (word == "error") return add({.of = Condition::Of::Error});
    if (word == "slow") return add({.of = Condition::Of::Slow});
    if (word == "rare") return add({.of = Condition::Of::Rare});
    if (word == "duration") return duration();
    if (word == "status") return status();
    if (word == "service") return service();
    at_ = from;
    return fail("expected error, slow, rare, duration > 500ms, status >= 500, service == \"name\" or a share such as 1%");
  }

  bool share() {
    std::string_view rest = text_.substr(at_);
    const std::optional<double> share = take_percentage(rest);
    if (!share) return fail("a share is a number from 0 to 100 and %, as in 1% or 0.5%; a condition begins with a word, as in duration > 500ms");
    at_ = text_.size() - rest.size();
    steps_.push_back({Kind::Share, 0, threshold_of(*share)});
    return false;
  }

  bool duration() {
    const std::optional<Compare> compare = take_compare();
    const std::optional<std::uint64_t> number = compare ? take_number() : std::nullopt;
    std::uint64_t unit_ns = 0;
    if (number) {
      const std::string_view unit = take_word();
      unit_ns = unit == "ns" ? 1 : unit == "us" ? 1'000 : unit == "ms" ? 1'000'000 : unit == "s" ? 1'000'000'000 : 0;
    }
    if (unit_ns == 0 || *number > kLongest / unit_ns) return fail("after duration comes >, >=, <, <=, == or !=, a whole number and ns, us, ms or s, as in duration > 500ms");
    return compared({.of = Condition::Of::Duration}, *compare, *number * unit_ns);
  }

  bool status() {
    const std::optional<Compare> compare = take_compare();
    const std::optional<std::uint64_t> number = compare ? take_number() : std::nullopt;
    if (!number || *number > 999) return fail("after status comes >, >=, <, <=, == or != and a status code, as in status >= 500");
    return compared({.of = Condition::Of::Status}, *compare, *number);
  }

  bool service() {
    const std::optional<Compare> compare = take_compare();
    const bool equal = compare == Compare::Equal;
    if ((!equal && compare != Compare::NotEqual) || !take("\"")) return fail("after service comes == or != and a name in quotes, as in service == \"orders\"");
    const std::size_t end = text_.find('"', at_);
    if (end == text_.npos) return fail("the name has no closing quote");
    Condition condition{.of = Condition::Of::Service};
    condition.service = text_.substr(at_, end - at_);
    at_ = end + 1;
    return add(std::move(condition), !equal);
  }

  /// The contrary of <, <= and != is what one span can meet.
  bool compared(Condition condition, Compare compare, std::uint64_t number) {
    const bool beyond = compare == Compare::Greater || compare == Compare::LessOrEqual;
    condition.least = beyond ? number + 1 : number;
    if (compare == Compare::Equal || compare == Compare::NotEqual) condition.most = number;
    return add(std::move(condition), compare == Compare::Less || compare == Compare::LessOrEqual || compare == Compare::NotEqual);
  }

  bool add(Condition condition, bool negated = false) {
    if (conditions_.size() == KeepRule::kMaxConditions) return fail("more than 32 conditions; write the rule with fewer");
    steps_.push_back({Kind::Condition, static_cast<std::uint32_t>(conditions_.size())});
    if (negated) steps_.push_back({Kind::Not});
    conditions_.push_back(std::move(condition));
    return true;
  }

  bool fail(std::string_view sentence) { return fail_at(skip_space(), sentence); }
  bool fail_at(std::size_t at, std::string_view sentence) {
    if (!error_.empty()) return false;
    const std::string_view there = text_.substr(at, 20);
    error_ = there.empty() ? fmt::format("at its end: {}", sentence) : fmt::format("at character {}, '{}': {}", at + 1, there, sentence);
    return false;
  }

  std::size_t skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    return at_;
  }
  bool at_end() { return skip_space() == text_.size(); }
  bool take(std::string_view token) {
    skip_space();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  std::string_view take_word() {
    const std::size_t from = skip_space();
    while (at_ < text_.size() && ascii::is_letter(text_[at_])) ++at_;
    return text_.substr(from, at_ - from);
  }
  std::optional<std::uint64_t> take_number() {
    skip_space();
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
    if (error != std::errc()) return std::nullopt;
    at_ = static_cast<std::size_t>(end - text_.data());
    return number;
  }
  std::optional<Compare> take_compare() {
    constexpr std::pair<std::string_view, Compare> kCompares[] = {{">=", Compare::GreaterOrEqual}, {"<=", Compare::LessOrEqual}, {"==", Compare::Equal},
                                                                  {"!=", Compare::NotEqual},       {">", Compare::Greater},      {"<", Compare::Less}};
    for (const auto& [token, compare] : kCompares)
      if (take(token)) return compare;
    return std::nullopt;
  }

  static constexpr std::uint64_t kLongest = 1'000'000'000'000'000'000;  // 31 years in ns

  const std::string_view text_;
  std::size_t at_ = 0, depth_ = 0;
  std::vector<Condition> conditions_;
  std::vector<KeepRule::Step> steps_;
  std::string error_;
};

}  // namespace

Result<KeepRule> parse_keep_rule(std::string_view text) { return Parser(text).parse(); }

}  // namespace suture

#pragma once
// Arguments walks the words of a command line behind args[0] and remembers what of them decided something.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace suture {

template <std::size_t N>
bool one_of(std::string_view text, const std::string_view (&list)[N]) {
  for (std::string_view candidate : list)
    if (candidate == text) return true;
  return false;
}

/// Keeps references to both vectors; `decisive` has one element per argument: how many of its first bytes decided.
class Arguments {
 public:
  Arguments(const std::vector<std::string>& args, std::vector<std::size_t>& decisive)
      : args_(args), decisive_(decisive) {}

  bool done() const { return at_ >= args_.size(); }
  bool at_last() const { return at_ + 1 == args_.size(); }
  /// Not at the end: what stands here begins with '-' ("-" alone is a file).
  bool at_option() const { return args_[at_].size() > 1 && args_[at_][0] == '-'; }
  std::string_view peek() const { return args_[at_]; }
  void skip() { ++at_; }

  /// The next argument, whose first `bytes` bytes decide something; "" at the end.
  std::string_view take(std::size_t bytes = std::string_view::npos) {
    if (done()) return {};
    decisive_[at_] = std::min(bytes, args_[at_].size());
    return args_[at_++];
  }

  /// Skips one option, and the argument behind it if it is one of `with_value`.
  template <std::size_t N>
  void skip_option(const std::string_view (&with_value)[N]) {
    if (one_of(peek(), with_value)) take();
    skip();
  }

 private:
  const std::vector<std::string>& args_;
  std::vector<std::size_t>& decisive_;
  std::size_t at_ = 1;
};

}  // namespace suture

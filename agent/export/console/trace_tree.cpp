#include "export/console/trace_tree.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace suture {
namespace {

// Deeper spans are drawn at this depth: the tree must leave room for words.
constexpr std::size_t kMaxDepth = 12;

/// A row that is to be drawn next, its forebears being drawn.
struct Pending {
  std::size_t row;
  std::size_t depth;
  bool last_child;
  std::string indent;  // of its children's branches, without its own
};

class Tree {
 public:
  explicit Tree(const std::vector<TraceRow>& rows) : rows_(rows), children_(rows.size()), drawn_(rows.size(), false) {
    std::map<SpanId, std::size_t> by_id;
    for (std::size_t i = 0; i < rows.size(); ++i) by_id.try_emplace(rows[i].id, i);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto parent = by_id.find(rows[i].parent);
      const bool is_root = !rows[i].parent.valid() || parent == by_id.end() || parent->second == i;
      (is_root ? roots_ : children_[parent->second]).push_back(i);
    }
  }

  std::vector<TreeLine> lines() {
    sort(roots_);
    for (std::size_t root : roots_) draw(root);
    // What no root leads to is a ring: it is opened at its first row.
    for (std::size_t i = 0; i < rows_.size(); ++i)
      if (!drawn_[i]) draw(i);
    return std::move(lines_);
  }

 private:
  void sort(std::vector<std::size_t>& rows) const {
    std::sort(rows.begin(), rows.end(), [this](std::size_t a, std::size_t b) {
      return std::tie(rows_[a].start_ns, rows_[a].id, a) < std::tie(rows_[b].start_ns, rows_[b].id, b);
    });
  }

  /// With a stack of its own: depth is strangers' choice.
  void draw(std::size_t root) {
    std::vector<Pending> stack;
    stack.push_back({root, 0, false, ""});
    while (!stack.empty()) {
      const Pending at = std::move(stack.back());
      stack.pop_back();
      if (drawn_[at.row]) continue;
      drawn_[at.row] = true;
      const std::string branches = at.depth == 0 ? "" : at.indent + (at.last_child ? "└ " : "├ ");
      std::vector<std::size_t>& children = children_[at.row];
      lines_.push_back({&rows_[at.row], branches, !children.empty()});
      const bool deeper = at.depth < kMaxDepth;
      const std::string indent = at.depth == 0 || !deeper ? at.indent : at.indent + (at.last_child ? "  " : "│ ");
      sort(children);
      for (std::size_t i = children.size(); i-- > 0;)
        stack.push_back({children[i], deeper ? at.depth + 1 : at.depth, i + 1 == children.size(), indent});
    }
  }

  const std::vector<TraceRow>& rows_;
  std::vector<std::size_t> roots_;
  std::vector<std::vector<std::size_t>> children_;
  std::vector<bool> drawn_;
  std::vector<TreeLine> lines_;
};

}  // namespace

std::vector<TreeLine> tree_of(const std::vector<TraceRow>& rows) { return Tree(rows).lines(); }

}  // namespace suture

#pragma once
// trace_tree: the rows of a trace in the order in which they are drawn, each with its place in the tree.

#include <string>
#include <vector>

#include "export/console/trace_row.h"

namespace suture {

struct TreeLine {
  const TraceRow* row;
  std::string branches;  // "│ └ " and the like: what is drawn before the service
  bool has_children;
};

/// Roots and children by their start. Rows whose parent is not there are roots; rows that are their own ancestors
/// (ids are strangers' choice) are cut free, so that every row comes exactly once. `rows` must outlive the result.
std::vector<TreeLine> tree_of(const std::vector<TraceRow>& rows);

}  // namespace suture

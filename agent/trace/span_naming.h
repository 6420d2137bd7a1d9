#pragma once
// SpanNaming: what a span's request is counted under: http.route where the service's owner gave its routes, and
// suture.path_template, the path without its ids, always. Both may stand in the span's name (semantic conventions v1.44.0,
// docs/http/http-spans.md, "Name": the path itself never does). Capture thread only.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "trace/route_rule.h"
#include "trace/span.h"

namespace suture {

struct NamingOptions {
  std::vector<RouteRule> routes;   // the first that fits counts
  bool template_in_name = false;   // "GET /orders/{id}" also where no route is known
  std::size_t templates = 200;     // of one service; a hash of each is kept
  std::size_t services = 1'000;    // that have templates
};

/// The path of the span's request, without the query: of url.path or url.full. As long as the span lives; "": it has none.
std::string_view path_of(const Span& span);

class SpanNaming {
 public:
  /// In place of a template: there is no room for another, and nobody serves that path (404).
  static constexpr std::string_view kOverflow = "{overflow}", kNotFound = "{not_found}";

  explicit SpanNaming(NamingOptions options) : options_(std::move(options)) {}

  /// Adds the attributes to a finished span whose name is the method. `service`: the name of its service.
  void apply(Span& span, std::string_view service);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
  };

  std::string template_of(const Span& span, std::string_view path, std::string_view service);

  const NamingOptions options_;
  std::unordered_map<std::string, std::unordered_set<std::size_t>, Hash, std::equal_to<>> templates_;  // hashes, by service
};

}  // namespace suture

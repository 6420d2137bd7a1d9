#include "export/console/trace_row.h"

#include <algorithm>

#include "export/console/terminal_text.h"

namespace suture {
namespace {

// Longer words are cut when the span comes, so that what waits is bounded: a line of a terminal shows no more.
constexpr std::size_t kServiceColumns = 32;
constexpr std::size_t kNameColumns = 48;
constexpr std::size_t kAuthorityColumns = 64;
constexpr std::size_t kPathColumns = 160;
constexpr std::size_t kResultColumns = 20;
constexpr double kSure = 0.9;  // from this suture.link.confidence on a link is drawn like any other

std::string_view text_of(const Span& span, AttributeKey key) {
  const AttributeList::Entry* entry = span.attributes.find(key);
  return entry && entry->type == AttributeList::Entry::Type::Text ? span.attributes.text(*entry) : std::string_view();
}

/// Cuts "http://host:port/path?query" into host:port and /path.
void split_url(std::string_view url, std::string_view& authority, std::string_view& path) {
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("?#"));
  const auto slash = std::min(url.find('/'), url.size());
  authority = url.substr(0, slash);
  path = slash < url.size() ? url.substr(slash) : std::string_view("/");
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
}

}  // namespace

TraceRow to_row(const Span& span, std::string_view service) {
  TraceRow row;
  row.trace = span.trace_id;
  row.id = span.span_id;
  if (!span.parent_is_remote) row.parent = span.parent_id;
  row.kind = span.kind;
  row.failed = span.status == SpanStatus::Error;
  row.start_ns = span.start_unix_ns;
  row.end_ns = std::max(span.start_unix_ns, span.end_unix_ns);
  row.service = terminal_text(service, kServiceColumns);
  row.name = terminal_text(span.name, kNameColumns);

  std::string_view authority;
  std::string_view path = text_of(span, AttributeKey::UrlPath);
  if (path.empty())
    if (const std::string_view full = text_of(span, AttributeKey::UrlFull); !full.empty())
      split_url(full, authority, path);
  const bool told = span.name.find('/') != std::string::npos;  // the name has a route or a path
  row.authority = terminal_text(authority, kAuthorityColumns);
  if (!told) row.path = terminal_text(path, kPathColumns);

  const auto* status = span.attributes.find(AttributeKey::HttpResponseStatusCode);
  const bool has_status = status && status->type == AttributeList::Entry::Type::Integer &&
                          status->value.integer >= 100 && status->value.integer <= 999;
  if (has_status) row.http_status = static_cast<int>(status->value.integer);
  row.result = has_status ? std::to_string(row.http_status)
                          : terminal_text(text_of(span, AttributeKey::ErrorType), kResultColumns);

  const auto* confidence = span.attributes.find(AttributeKey::SutureLinkConfidence);
  row.weak = confidence && confidence->type == AttributeList::Entry::Type::Double && confidence->value.number < kSure;
  return row;
}

}  // namespace suture

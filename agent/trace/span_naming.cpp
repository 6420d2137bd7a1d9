#include "trace/span_naming.h"

#include <algorithm>

#include "trace/path_template.h"

namespace suture {
namespace {

constexpr std::int64_t kStatusNotFound = 404;

std::string_view text_of(const Span& span, AttributeKey key) {
  const AttributeList::Entry* entry = span.attributes.find(key);
  return entry && entry->type == AttributeList::Entry::Type::Text ? span.attributes.text(*entry) : std::string_view();
}

}  // namespace

std::string_view path_of(const Span& span) {
  std::string_view path = text_of(span, AttributeKey::UrlPath);
  if (path.empty()) {
    path = text_of(span, AttributeKey::UrlFull);
    const std::size_t scheme = path.find("://");
    path.remove_prefix(scheme == path.npos ? 0 : std::min(path.find('/', scheme + 3), path.size()));
  }
  return path.substr(0, path.find_first_of("?#"));
}

/// Whoever scans a service for paths that it does not have takes no room from those that it has.
std::string SpanNaming::template_of(const Span& span, std::string_view path, std::string_view service) {
  std::string found = path_template(path);
  auto known = templates_.find(service);
  if (known == templates_.end()) {
    if (templates_.size() >= options_.services) return std::string(kOverflow);
    known = templates_.emplace(std::string(service), std::unordered_set<std::size_t>()).first;
  }
  const std::size_t hash = Hash()(found);
  if (known->second.contains(hash)) return found;
  const AttributeList::Entry* status = span.attributes.find(AttributeKey::HttpResponseStatusCode);
  if (status && status->value.integer == kStatusNotFound) return std::string(kNotFound);
  if (known->second.size() >= options_.templates) return std::string(kOverflow);
  known->second.insert(hash);
  return found;
}

void SpanNaming::apply(Span& span, std::string_view service) {
  const std::string_view path = path_of(span);
  if (!path.starts_with('/')) return;  // the target of OPTIONS *, or of CONNECT
  const std::string with_ids_out = template_of(span, path, service);
  const auto fits = [&](const RouteRule& rule) { return rule.fits(service, path); };
  const auto rule = span.kind == SpanKind::Server ? std::find_if(options_.routes.begin(), options_.routes.end(), fits) : options_.routes.end();
  const bool routed = rule != options_.routes.end();
  if (routed) span.attributes.add(AttributeKey::HttpRoute, rule->pattern);
  span.attributes.add(AttributeKey::SuturePathTemplate, with_ids_out);
  if (!routed && !options_.template_in_name) return;
  span.name += ' ';
  span.name += routed ? std::string_view(rule->pattern) : with_ids_out;
}

}  // namespace suture

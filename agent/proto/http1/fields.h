#pragma once
// The fields of heads, one at a time: what a span and the framing of a body need of each. All inline: the head scanner spends
// its time here, and FastCGI has the same fields in other clothes.

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proto/exchange.h"
#include "proto/http1/characters.h"
#include "proto/http1/head.h"

namespace suture::http1 {

/// The fields that requests and responses share. Each returns whether the field looks like smuggling.
inline bool content_length(std::string_view value, HeadFacts& facts) {
  std::string_view member;
  bool any = false;
  while (next_member(value, member)) {  // equal values may have been merged into a list (RFC 9110 section 8.6)
    any = true;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(member.data(), member.data() + member.size(), number);
    const bool valid = error == std::errc{} && end == member.data() + member.size();
    if (!valid || (facts.length == HeadFacts::Length::Valid && facts.content_length != number)) {
      facts.length = HeadFacts::Length::Invalid;
      return true;
    }
    if (facts.length == HeadFacts::Length::Invalid) return true;
    facts.length = HeadFacts::Length::Valid;
    facts.content_length = number;
  }
  if (!any) facts.length = HeadFacts::Length::Invalid;
  return !any;
}

inline bool transfer_encoding(std::string_view value, HeadFacts& facts) {
  bool suspicious = false;
  std::string_view coding;
  while (next_member(value, coding)) {
    if (equals(coding, "identity")) {  // no coding at all, of RFC 2616; today's parsers differ about it
      suspicious = true;
      continue;
    }
    if (facts.chunked) suspicious = true;  // something after "chunked", be it a second one (RFC 9112 section 6.1)
    facts.transfer_encoding = true;
    facts.chunked = equals(coding, "chunked");
    if (!facts.chunked && !equals(coding, "gzip") && !equals(coding, "deflate") && !equals(coding, "compress") &&
        !equals(coding, "x-gzip") && !equals(coding, "x-compress")) {
      suspicious = true;
    }
  }
  return suspicious;
}

inline void connection(std::string_view value, HeadFacts& facts) {
  std::string_view option;
  while (next_member(value, option)) {
    if (equals(option, "close")) facts.close = true;
    if (equals(option, "keep-alive")) facts.keep_alive = true;
    if (equals(option, "upgrade")) facts.upgrade = true;
  }
}

/// Names are compared without case, and hold token characters only.
struct Field {
  const char* name;
  std::size_t name_length;
  std::string_view value;
};

inline bool framing_field(const Field& field, HeadFacts& facts) {
  switch (field.name_length) {
    case 10:
      if (is(field.name, "connection")) connection(field.value, facts);
      return false;
    case 14: return is(field.name, "content-length") && content_length(field.value, facts);
    case 17: return is(field.name, "transfer-encoding") && transfer_encoding(field.value, facts);
    default: return false;
  }
}

/// Takes what is wanted of a request's fields, one after the other. Slices count from `head`. Returns whether the field looks like
/// smuggling.
class RequestFields {
 public:
  RequestFields(const char* head, HttpRequest& request, HeadFacts& facts)
      : head_(head), request_(request), facts_(facts) {}

  bool operator()(const Field& field) {
    const char* const name = field.name;
    switch (field.name_length) {
      case 2:
        if (is(name, "b3")) context(ContextField::B3, field.value);
        return false;
      case 4: return is(name, "host") && host(field.value);
      case 6:
        if (is(name, "expect") && equals(field.value, "100-continue")) facts_.expect_continue = true;
        return false;
      case 7:
        if (is(name, "baggage") && request_.baggage_count < HttpRequest::kMaxBaggages) request_.baggage[request_.baggage_count++] = slice(field.value);
        return false;
      case 9:
        if (is(name, "forwarded")) first(request_.forwarded, field.value);
        return false;
      case 10:
        if (is(name, "user-agent")) {
          first(request_.user_agent, field.value);
        } else if (is(name, "tracestate")) {
          tracestate(field.value);
        } else if (is(name, "x-b3-flags")) {
          context(ContextField::B3Flags, field.value);
        } else {
          return framing_field(field, facts_);
        }
        return false;
      case 11:
        if (is(name, "traceparent")) {
          first(request_.traceparent, field.value);
          if (request_.traceparent_count < UINT8_MAX) ++request_.traceparent_count;
        } else if (is(name, "x-b3-spanid")) {
          context(ContextField::B3SpanId, field.value);
        }
        return false;
      case 12:
        if (is(name, "x-b3-traceid")) context(ContextField::B3TraceId, field.value);
        if (is(name, "x-b3-sampled")) context(ContextField::B3Sampled, field.value);
        return false;
      case 13:
        if (is(name, "uber-trace-id")) context(ContextField::JaegerTraceId, field.value);
        return false;
      case 14:
        if (!is(name, "x-datadog-tags")) return framing_field(field, facts_);
        context(ContextField::DatadogTags, field.value);
        return false;
      case 15:
        if (is(name, "x-forwarded-for")) first(request_.x_forwarded_for, field.value);
        if (is(name, "x-amzn-trace-id")) context(ContextField::XrayTraceId, field.value);
        return false;
      case 16:
        if (is(name, "x-forwarded-host")) first(request_.x_forwarded_host, field.value);
        return false;
      case 17:
        if (is(name, "x-forwarded-proto")) {
          first(request_.x_forwarded_proto, field.value);
          return false;
        }
        return framing_field(field, facts_);
      case 18:
        if (is(name, "x-datadog-trace-id")) context(ContextField::DatadogTraceId, field.value);
        return false;
      case 19:
        if (is(name, "x-datadog-parent-id")) context(ContextField::DatadogParentId, field.value);
        return false;
      case 27:
        if (is(name, "x-datadog-sampling-priority")) context(ContextField::DatadogPriority, field.value);
        return false;
      default: return framing_field(field, facts_);
    }
  }

 private:
  Slice slice(std::string_view value) const {
    return {static_cast<std::uint16_t>(value.data() - head_), static_cast<std::uint16_t>(value.size())};
  }
  void first(Slice& slot, std::string_view value) {
    if (slot.empty()) slot = slice(value);
  }
  void context(ContextField name, std::string_view value) {
    first(request_.context[static_cast<std::size_t>(name)], value);
    request_.has_context |= !value.empty();
  }
  bool host(std::string_view value) {  // more than one: RFC 9112 section 3.2
    const bool again = have_host_;
    have_host_ = true;
    first(request_.host, value);
    return again;
  }
  void tracestate(std::string_view value) {
    if (request_.tracestate_count < HttpRequest::kMaxTracestates) {
      request_.tracestate[request_.tracestate_count] = slice(value);
    }
    if (request_.tracestate_count < UINT8_MAX) ++request_.tracestate_count;
  }

  const char* head_;
  HttpRequest& request_;
  HeadFacts& facts_;
  bool have_host_ = false;
};

}  // namespace suture::http1

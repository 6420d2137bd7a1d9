#pragma once
// Spans for the tests of sampling, and a place where they arrive.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sampling/sampling.h"
#include "trace/trace_context.h"

namespace suture::test {

inline constexpr std::uint64_t kMs = 1'000'000, kSecond = 1'000'000'000;

/// Evenly spread by its number, and never the same for two.
inline TraceId trace_id(std::uint64_t number) {
  TraceId id;
  std::uint64_t mixed = number * 0x9e3779b97f4a7c15ull;
  mixed = (mixed ^ mixed >> 32) * 0xd6e8feb86659fd93ull;
  mixed ^= mixed >> 32;
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
    id.bytes[8 + i] = static_cast<std::uint8_t>(mixed >> (56 - 8 * i));
  }
  return id;
}

inline SpanId span_id(std::uint8_t last) { return {{0, 0, 0, 0, 0, 0, 1, last}}; }

/// A server's span of 2 ms, the root of its trace, of the service "shop".
inline Span entry_span(std::uint64_t trace, std::string_view path = "/hello", std::int64_t status = 200) {
  Span span;
  span.trace_id = trace_id(trace);
  span.span_id = span_id(1);
  span.trace_flags = kTraceFlagSampled | kTraceFlagRandom;
  span.kind = SpanKind::Server;
  span.status = status >= 500 ? SpanStatus::Error : SpanStatus::Unset;
  span.start_unix_ns = 1'700'000'000'000'000'000;
  span.end_unix_ns = span.start_unix_ns + 2'000'000;
  span.process = {.tgid = 42, .start_ns = 7};
  span.name = "GET";
  span.attributes.add(AttributeKey::HttpRequestMethod, "GET");
  span.attributes.add(AttributeKey::UrlPath, path);
  span.attributes.add(AttributeKey::HttpResponseStatusCode, status);
  return span;
}

/// One that the entry's process sent because of it.
inline Span client_span(std::uint64_t trace, std::uint8_t id = 2, std::int64_t status = 200) {
  Span span = entry_span(trace, "/inner", status);
  span.span_id = span_id(id);
  span.parent_id = span_id(1);
  span.kind = SpanKind::Client;
  return span;
}

/// The same, of a trace that came from somewhere else.
inline Span from_elsewhere(Span span, std::uint8_t flags = kTraceFlagSampled) {
  span.trace_flags = flags;
  span.begun_elsewhere = true;
  if (!span.parent_id.valid()) {
    span.parent_id = span_id(99);
    span.parent_is_remote = true;
  }
  return span;
}

class Resources final : public ResourceSource {
 public:
  const Resource& resource_of(const ProcessKey& process) override {
    named_.attributes = {{"service.name", std::string(process.tgid == 42 ? "shop" : "orders")}};
    return named_;
  }

 private:
  Resource named_;
};

class Arrivals final : public SpanReceiver {
 public:
  void on_span(Span&& span) override { spans.push_back(std::move(span)); }
  std::vector<Span> spans;
};

/// Sampling with what is around it. After each step seen = exported + held + dropped must hold.
struct Stage {
  explicit Stage(SamplingOptions wanted) : options(std::move(wanted)) { wait(kMs); }

  void add(Span span) {
    ++seen;
    sampling.on_span(std::move(span));
  }
  void wait(std::uint64_t ns) { sampling.tick(now_ns += ns); }
  std::uint64_t accounted() const {
    const Sampling::Counters& c = sampling.counters();
    return c.exported.get() + sampling.held() + c.not_sampled.get() + c.sampled_out.get() + c.rate_limited.get() + c.undecided.get();
  }
  bool adds_up() const { return accounted() == seen && sampling.counters().exported.get() == out.spans.size(); }

  SamplingOptions options;
  Resources resources;
  Arrivals out;
  Sampling sampling{options, resources, out};
  std::uint64_t now_ns = 10 * kSecond;
  std::uint64_t seen = 0;
};

}  // namespace suture::test

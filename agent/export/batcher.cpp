#include "export/batcher.h"

#include <algorithm>
#include <utility>

namespace suture {
namespace {

std::size_t weight_of(const Resource& resource) {
  std::size_t bytes = sizeof(Batch::Group);
  for (const Resource::Attribute& attribute : resource.attributes) {
    bytes += sizeof attribute + attribute.key.capacity();
    if (const auto* text = std::get_if<std::string>(&attribute.value)) bytes += text->capacity();
  }
  return bytes;
}

}  // namespace

Batcher::Batcher(std::vector<std::unique_ptr<SpanSink>> sinks, ResourceSource& resources, Limits limits)
    : sinks_(std::move(sinks)), resources_(resources), limits_(limits) {}

void Batcher::add(Span&& span) {
  if (batch_.span_count == 0) opened_ = now_;
  batch_.weight_bytes += span.weight_bytes();
  ++batch_.span_count;
  Batch::Group& group = group_of(span.process);
  group.spans.push_back(std::move(span));
  if (batch_.span_count >= limits_.spans || batch_.weight_bytes >= limits_.bytes) send();
}

void Batcher::tick(Clock::time_point now) {
  now_ = now;
  if (batch_.span_count != 0 && now - opened_ >= limits_.age) send();
}

void Batcher::flush(std::chrono::milliseconds deadline) {
  if (batch_.span_count != 0) send();
  // One after the other, but all have begun: one that hangs costs the others no time. make_sinks() puts the local, fast
  // ones first.
  for (const auto& sink : sinks_) sink->begin_end(deadline);
  const auto end = Clock::now() + deadline;
  for (const auto& sink : sinks_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    sink->flush(std::max(left, std::chrono::milliseconds{0}));
  }
}

Batch::Group& Batcher::group_of(const ProcessKey& process) {
  const auto [place, is_new] = group_index_.try_emplace(process, batch_.groups.size());
  if (is_new) {
    const Resource& resource = resources_.resource_of(process);
    batch_.weight_bytes += weight_of(resource);
    batch_.groups.push_back({.process = process, .resource = resource, .spans = {}});
  }
  return batch_.groups[place->second];
}

void Batcher::send() {
  group_index_.clear();
  Batch batch = std::exchange(batch_, Batch());
  for (std::size_t i = 0; i + 1 < sinks_.size(); ++i) sinks_[i]->send(batch);
  if (!sinks_.empty()) sinks_.back()->send(std::move(batch));
}

}  // namespace suture

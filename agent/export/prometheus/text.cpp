#include "export/prometheus/text.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"
#include "export/prometheus/names.h"
#include "metrics/instruments.h"

namespace suture {
namespace {

constexpr std::string_view kJobAttributes[] = {"service.namespace", "service.name", "service.instance.id"};

std::string_view type_of(InstrumentKind kind) {
  switch (kind) {
    case InstrumentKind::Counter: return "counter";
    case InstrumentKind::Histogram: return "histogram";
    case InstrumentKind::UpDownCounter:
    case InstrumentKind::Gauge: break;
  }
  return "gauge";
}

/// A double as both formats have it; whole numbers with ".0", as OpenMetrics wants bounds, so that series are the same in both.
std::string number(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

/// name="value" pairs; a name that is there already is left out.
class LabelText {
 public:
  void add(std::string_view name, std::string_view value) {
    const std::string label = prometheus_label(name);
    if (!names_.insert(label).second) return;
    fmt::format_to(std::back_inserter(text_), "{}{}=\"", text_.empty() ? "" : ",", label);
    std::string mended;
    for (const char c : as_utf8(value, mended)) {
      if (c == '\n') text_ += "\\n";
      else if (c == '"' || c == '\\') (text_ += '\\') += c;
      else text_ += c;
    }
    text_ += '"';
  }
  void add(const Labels& labels) {
    for (const Label& label : labels.list()) {
      if (label.type == Label::Type::Text) add(name_of(label.key), label.text);
      else if (label.type == Label::Type::Boolean) add(name_of(label.key), label.integer ? "true" : "false");
      else add(name_of(label.key), std::to_string(label.integer));
    }
  }
  const std::string& text() const { return text_; }

 private:
  std::set<std::string> names_;
  std::string text_;
};

std::string in_braces(const std::string& labels, std::string_view more = {}) {
  if (labels.empty() && more.empty()) return {};
  return fmt::format("{{{}{}{}}}", labels, labels.empty() || more.empty() ? "" : ",", more);
}

std::string text_of(const Resource::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return std::to_string(std::get<std::int64_t>(value));
}

std::string attribute(const Resource& resource, std::string_view key) {
  for (const Resource::Attribute& attribute : resource.attributes)
    if (attribute.key == key) return text_of(attribute.value);
  return {};
}

/// The labels that say whose series it is.
LabelText job_labels(const MetricGroup& group) {
  LabelText labels;
  if (group.own) return labels;
  const std::string space = attribute(group.resource, "service.namespace");
  labels.add("job", (space.empty() ? "" : space + "/") + std::string(group.resource.service_name()));
  labels.add("instance", attribute(group.resource, "service.instance.id"));
  return labels;
}

class TextWriter {
 public:
  TextWriter(PrometheusFormat format, std::string& out) : open_metrics_(format == PrometheusFormat::OpenMetrics), out_(out) {}

  void head(const Instrument& instrument, const PrometheusName& name) {
    const std::string_view total = instrument.kind == InstrumentKind::Counter && !open_metrics_ ? "_total" : "";
    write("# HELP {}{} {}\n# TYPE {}{} {}\n", name.family, total, instrument.description, name.family, total, type_of(instrument.kind));
    if (open_metrics_ && !name.unit.empty()) write("# UNIT {} {}\n", name.family, name.unit);
  }

  void point(const Instrument& instrument, const PrometheusName& name, LabelText labels, const Point& point) {
    labels.add(point.labels);
    const std::string_view suffix = instrument.kind == InstrumentKind::Counter ? "_total" : "";
    if (const auto* histogram = std::get_if<HistogramPoint>(&point.value)) return buckets(*instrument.bounds, name, labels.text(), *histogram);
    const auto* integer = std::get_if<std::int64_t>(&point.value);
    write("{}{}{} {}\n", name.family, suffix, in_braces(labels.text()), integer ? std::to_string(*integer) : number(std::get<double>(point.value)));
  }

  void target_info(const MetricSnapshot& snapshot) {
    const std::string_view name = open_metrics_ ? "target" : "target_info";
    write("# HELP {} Resource of the service, or of the agent.\n# TYPE {} {}\n", name, name, open_metrics_ ? "info" : "gauge");
    for (const MetricGroup& group : snapshot.groups) {
      LabelText labels = job_labels(group);
      for (const Resource::Attribute& attribute : group.resource.attributes) {
        const bool in_job = std::find(std::begin(kJobAttributes), std::end(kJobAttributes), attribute.key) != std::end(kJobAttributes);
        if (group.own || !in_job) labels.add(attribute.key, text_of(attribute.value));
      }
      write("target_info{} 1\n", in_braces(labels.text()));
    }
  }

  void end() {
    if (open_metrics_) out_ += "# EOF\n";
  }

 private:
  template <typename... Parts>
  void write(fmt::format_string<Parts...> format, Parts&&... parts) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Parts>(parts)...);
  }

  void buckets(const Bounds& bounds, const PrometheusName& name, const std::string& labels, const HistogramPoint& point) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i <= kBounds; ++i) {
      below += point.histogram.buckets[i];
      const std::string bound = fmt::format("le=\"{}\"", i < kBounds ? number(bounds[i]) : "+Inf");
      write("{}_bucket{} {}", name.family, in_braces(labels, bound), below);
      if (open_metrics_) exemplar(bounds, i, point);
      out_ += '\n';
    }
    write("{}_sum{} {}\n{}_count{} {}\n", name.family, in_braces(labels), number(point.histogram.sum), name.family, in_braces(labels), below);
  }

  void exemplar(const Bounds& bounds, std::size_t bucket, const HistogramPoint& point) {
    for (const Exemplar& exemplar : point.exemplars)
      if (bucket_of(bounds, exemplar.value) == bucket)
        write(" # {{trace_id=\"{}\",span_id=\"{}\"}} {} {:.3f}", to_hex(exemplar.trace_id), to_hex(exemplar.span_id), number(exemplar.value),
              static_cast<double>(exemplar.unix_ns) / 1e9);
  }

  const bool open_metrics_;
  std::string& out_;
};

}  // namespace

std::string prometheus_text(const MetricSnapshot& snapshot, PrometheusFormat format) {
  std::string out;
  TextWriter writer(format, out);
  for (const Instrument* instrument : instruments::kAll) {  // all series of a name must stand together
    const PrometheusName name = prometheus_name(*instrument);
    bool begun = false;
    for (const MetricGroup& group : snapshot.groups)
      for (const Family& family : group.families) {
        if (family.instrument != instrument) continue;
        if (!std::exchange(begun, true)) writer.head(*instrument, name);
        const LabelText labels = job_labels(group);
        for (const Point& point : family.points) writer.point(*instrument, name, labels, point);
      }
  }
  writer.target_info(snapshot);
  writer.end();
  return out;
}

}  // namespace suture

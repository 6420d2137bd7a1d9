#include "propagation/report.h"

#include <algorithm>

#include "base/json_writer.h"
#include "propagation/sentence.h"

namespace suture {
namespace {

constexpr std::size_t kPids = 64;  // of one service that are told

void put(JsonWriter& json, std::string_view key, std::string_view text) { json.key(key), json.text(text); }
void put(JsonWriter& json, std::string_view key, std::uint64_t number) { json.key(key), json.integer(static_cast<std::int64_t>(number)); }

void put_who(JsonWriter& json, const std::string& service, const std::vector<std::uint32_t>& pids, const std::string& peer) {
  put(json, "service", service);
  json.key("pids");
  json.begin_array();
  for (std::size_t i = 0; i < std::min(pids.size(), kPids); ++i) json.integer(pids[i]);
  json.end_array();
  put(json, "peer", peer);
}

void put_counts(JsonWriter& json, const PropagationCounts& counts) {
  json.key("sent");
  json.begin_object();
  for (std::size_t state = 0; state < kPropagationStates; ++state) put(json, name_of(static_cast<PropagationState>(state)), counts.of[state]);
  json.end_object();
}

void put_finding(JsonWriter& json, const PropagationFinding& finding) {
  json.begin_object();
  put_who(json, finding.service, finding.pids, finding.peer);
  put(json, "drops", name_of(finding.verdict.drops));
  put(json, "restarts", name_of(finding.verdict.restarts));
  put_counts(json, finding.sent);
  json.key("routes");
  json.begin_array();
  for (const std::string& route : finding.routes) json.text(route);
  json.end_array();
  put(json, "sentence", sentence_of(finding));
  json.end_object();
}

void put_row(JsonWriter& json, const PropagationRow& row) {
  json.begin_object();
  put_who(json, row.service, row.pids, row.peer);
  put(json, "route", row.route);
  put(json, "received_with", row.received.with);
  put(json, "received_without", row.received.without);
  put_counts(json, row.sent);
  put(json, "verdict", word_for(row.sent));
  json.end_object();
}

}  // namespace

std::string to_json(const PropagationReport& report, std::size_t max_bytes) {
  const std::vector<PropagationRow>& rows = report.rows;
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("findings");
  json.begin_array();
  for (const PropagationFinding& finding : findings_of(rows))
    if (out.size() + kLongestReportLine < max_bytes / 2) put_finding(json, finding);
  json.end_array();
  json.key("rows");
  json.begin_array();
  std::size_t shown = 0;
  while (shown < rows.size() && out.size() + kLongestReportLine < max_bytes) put_row(json, rows[shown++]);
  json.end_array();
  put(json, "rows_left_out", rows.size() - shown);
  put(json, "not_followed", report.not_followed);
  json.end_object();
  out += '\n';
  return out;
}

}  // namespace suture

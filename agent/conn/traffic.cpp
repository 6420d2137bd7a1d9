#include "conn/traffic.h"

namespace suture {

bool Traffic::on_connection(const event_connection& event, Edge& edge) {
  const bool http = event.verdict == VERDICT_HTTP;
  const bool ended = event.what == CONNECTION_CLOSED;
  if (ended || (http && event.what == CONNECTION_OPEN)) {
    ProcessKey key{event.tgid, event.process_start_ns};
    if (shares_.size() >= kMaxProcesses && shares_.find(key) == shares_.end()) key = {};
    Share& share = shares_[key];
    // HTTP connections are counted when they open, others when they end: each once. One that was upgraded changes sides.
    if (http != ended) ++share.connections[event.verdict & 7];
    std::uint64_t& opened_as_http = share.connections[VERDICT_HTTP];
    if (event.verdict == VERDICT_UPGRADED && opened_as_http > 0) --opened_as_http;
    if (ended) share.retransmits += event.retransmits;
    if (ended && Edge{event, true}.connect_failed()) ++share.failed_connects;
  }
  if (http || event.what == CONNECTION_OPEN || event.what == CONNECTION_CLOSING) return false;
  edge = {event, event.what == CONNECTION_CLOSED};
  return true;
}

}  // namespace suture

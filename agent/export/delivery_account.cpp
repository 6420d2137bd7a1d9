#include "export/delivery_account.h"

#include <cassert>

namespace suture {

bool DeliveryAccount::enter(std::uint64_t count, std::uint64_t most) {
  const std::lock_guard lock(mutex_);
  ledger_.queued += count;
  if (count > most || ledger_.waiting > most - count) {
    ledger_.dropped_queue_full += count;
    return false;
  }
  ledger_.waiting += count;
  return true;
}

void DeliveryAccount::settle(Settlement outcome, std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  assert(count <= ledger_.waiting);
  ledger_.waiting -= count;
  switch (outcome) {
    case Settlement::Accepted:
      ledger_.accepted += count;
      break;
    case Settlement::QueueFull:
      ledger_.dropped_queue_full += count;
      break;
    case Settlement::TooLarge:
      ledger_.dropped_too_large += count;
      break;
    case Settlement::Rejected:
      ledger_.dropped_rejected += count;
      break;
    case Settlement::Expired:
      ledger_.dropped_expired += count;
      break;
    case Settlement::WriteFailed:
      ledger_.dropped_write += count;
      break;
  }
}

DeliveryLedger DeliveryAccount::ledger() const {
  const std::lock_guard lock(mutex_);
  return ledger_;
}

}  // namespace suture

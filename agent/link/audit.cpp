#include "link/audit.h"

#include <cmath>

namespace suture {

void Agreement::add(bool agrees) {
  if (samples_ == kWindow) right_ -= last_[next_];
  else ++samples_;
  last_[next_] = agrees;
  right_ += agrees;
  next_ = (next_ + 1) % kWindow;
}

const Agreement* Audit::find(std::uint16_t port, LoadClass load) const {
  const auto it = classes_.find({port, load});
  return it == classes_.end() ? nullptr : &it->second;
}

std::size_t Audit::agreeing(std::uint16_t port, LoadClass load) const {
  std::size_t samples = 0;
  for (LoadClass heavier : {LoadClass::Single, LoadClass::Light, LoadClass::Busy, LoadClass::Saturated}) {
    const Agreement* agreement = heavier < load ? nullptr : find(port, heavier);
    if (agreement == nullptr) continue;
    if (agreement->wrong() > 0) break;
    samples += agreement->samples();
  }
  return samples;
}

Trust Audit::trust(std::uint16_t port, LoadClass load) const {
  const Agreement* agreement = find(port, load);
  if (agreement != nullptr && agreement->wrong() > 0) return Trust::No;
  return agreeing(port, load) >= kEnough ? Trust::Yes : Trust::Unknown;
}

bool Audit::confirms(std::uint16_t port, LoadClass load) const { return !disqualified(port, load) && agreeing(port, load) >= kDisqualify; }

double Audit::lower_bound(std::uint16_t port, LoadClass load) const {
  constexpr double kChance = 0.05;  // that n agree although fewer are right: share^n (Clopper and Pearson, none of n fails)
  const std::size_t samples = agreeing(port, load);
  return samples ? std::pow(kChance, 1.0 / static_cast<double>(samples)) : 0.0;
}

bool Audit::disqualified(std::uint16_t port, LoadClass load) const {
  // What fails among few is not believed for one either: there nearly any evidence agrees.
  if (load == LoadClass::Single && disqualified(port, LoadClass::Light)) return true;
  const Agreement* agreement = find(port, load);
  return agreement != nullptr && agreement->samples() >= kDisqualify && agreement->share() < 0.98;
}

bool Audit::likely(std::uint16_t port, LoadClass load) const {
  const Agreement* agreement = find(port, load);
  return agreement != nullptr && agreement->samples() >= kDisqualify && agreement->share() >= 0.9;
}

}  // namespace suture

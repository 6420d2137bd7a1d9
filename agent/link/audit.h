#pragma once
// Audit: how often a rule was right of late, found without labels. A response has a known true request: whoever writes it
// answers that one. What a rule would have said at that moment is held against it. This may only take trust away from
// evidence that is exact by construction; weaker evidence needs it to be trusted at all.

#include <bitset>
#include <cstdint>
#include <map>

#include "link/evidence.h"

namespace suture {

/// The last so many agreements of one rule in one class.
class Agreement {
 public:
  static constexpr std::size_t kWindow = 512;

  void add(bool agrees);
  std::size_t samples() const { return samples_; }
  std::size_t wrong() const { return samples_ - right_; }
  double share() const { return samples_ ? static_cast<double>(right_) / static_cast<double>(samples_) : 0.0; }

 private:
  std::bitset<kWindow> last_;
  std::size_t next_ = 0, samples_ = 0, right_ = 0;
};

enum class Trust : std::uint8_t { Unknown, Yes, No };

/// Of one process and one rule.
class Audit {
 public:
  /// Samples without which nothing is known; one that disagrees takes all trust for as long as it is in the window. A rule
  /// that is wrong in a share e of cases is then trusted in (1-e)^512 of them, so that at most e(1-e)^512 < 0.08 % of links
  /// are wrong, whatever e is.
  static constexpr std::size_t kEnough = 192;
  /// From so many samples on evidence that is exact by construction loses trust, where fewer than 98 % agree.
  static constexpr std::size_t kDisqualify = 20;

  void add(std::uint16_t port, LoadClass load, bool agrees) { classes_[{port, load}].add(agrees); }
  /// Of evidence that must prove itself. What holds under a heavier load holds under a lighter one.
  Trust trust(std::uint16_t port, LoadClass load) const;
  /// Of evidence that is exact unless it has been seen to be wrong.
  bool disqualified(std::uint16_t port, LoadClass load) const;
  /// Right in nine of ten cases at least, by kDisqualify samples: worth telling people.
  bool likely(std::uint16_t port, LoadClass load) const;
  /// Enough responses under this load, or a heavier one, have agreed.
  bool confirms(std::uint16_t port, LoadClass load) const;
  /// Of the share that is right, with 95 % confidence, by the samples that trust() counts.
  double lower_bound(std::uint16_t port, LoadClass load) const;

  struct Class {
    std::uint16_t port;
    LoadClass load;
    auto operator<=>(const Class&) const = default;
  };
  const std::map<Class, Agreement>& classes() const { return classes_; }

  /// Samples of this load and of heavier ones, up to the first that has a disagreement.
  std::size_t agreeing(std::uint16_t port, LoadClass load) const;

 private:
  const Agreement* find(std::uint16_t port, LoadClass load) const;
  std::map<Class, Agreement> classes_;  // a service has few ports
};

}  // namespace suture

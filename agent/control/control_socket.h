#pragma once
// ControlSocket: a running agent's ear. Whoever may reach its Unix socket (the agent's own user, and root) asks one question
// and gets one answer. SOCK_SEQPACKET: both are one packet, so nobody keeps the agent waiting for the rest of a line.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"

namespace suture {

inline constexpr const char* kControlPath = "/run/suture/suture.sock";

class ControlSocket {
 public:
  /// An error is for whoever asks; it says what, why, and how to mend it.
  using Answer = std::function<Result<std::string>(std::string_view question)>;

  static constexpr std::size_t kMaxQuestion = 256;
  static constexpr std::size_t kMaxAnswer = 128 * 1024;  // longer ones are cut

  /// Makes the directory if it is not there, with room for its owner alone. Refused while another agent answers at `path`.
  static Result<ControlSocket> listen(const std::string& path);
  ControlSocket(ControlSocket&&) noexcept = default;
  ControlSocket& operator=(ControlSocket&&) noexcept = default;
  /// Takes the socket's file away.
  ~ControlSocket();

  /// Answers who has asked since. Never waits: whoever connects and says nothing is asked again at the next call, and is
  /// sent away for the next one who connects, or after kPatienceNs.
  void serve(std::uint64_t now_ns, const Answer& answer);

 private:
  static constexpr std::uint64_t kPatienceNs = 1'000'000'000;

  ControlSocket(Fd listener, std::string path) : listener_(std::move(listener)), path_(std::move(path)) {}

  Fd listener_;
  Fd asker_;                        // connected, and has not asked yet
  std::uint64_t asker_until_ns_ = 0;
  std::string path_;
};

/// The answer of the agent that listens at `path`. Waits at most 5 s.
Result<std::string> ask_agent(const std::string& path, std::string_view question);

}  // namespace suture

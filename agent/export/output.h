#pragma once
// Output: a file, pipe or terminal that a sink writes whole texts to. A reader that does not read, a full disk or a
// closed terminal are losses that are reported, never a thread that hangs.

#include <string>
#include <string_view>

#include "base/fd.h"
#include "base/result.h"
#include "export/stop_time.h"

namespace suture {

class Output {
 public:
  /// Opens for appending, creates with mode 0640. A FIFO must have a reader by now.
  static Result<Output> open(const std::string& path);
  /// The process's standard output, which stays open.
  static Output standard_output();
  explicit Output(Fd fd);

  /// Writes all of `text`: to a regular file by one write(2), so that lines of several writers do not mix; to others
  /// piecewise, waiting for the reader until `stop`. Returns 0, or the errno that ended it (ETIMEDOUT: `stop` came).
  int write(std::string_view text, const StopTime& stop);

  bool is_terminal() const;
  /// Width of the terminal, or 0 if it is none.
  int terminal_columns() const;

 private:
  Output(Fd owned, int fd);
  bool wait_writable(const StopTime& stop) const;

  Fd owned_;
  int fd_;
  bool regular_;
};

}  // namespace suture

#pragma once
// Short slices: on a busy host the ring fills within a few milliseconds, and whoever runs has a slice of that length.

namespace suture {

/// The calling thread asks the scheduler for the shortest slices there are. It gets no larger share of the processor, but
/// gets it sooner (Linux 6.12; older kernels ignore it). False: refused, and errno says why.
bool run_in_short_slices();

}  // namespace suture

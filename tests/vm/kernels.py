"""The kernels that are tried, and which mechanisms must work there; where none does, doctor must say so. Debian's cloud
kernels: their images need no modules to boot, and each suite's is the newest of its line."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kernel:
    name: str
    suite: str  # of Debian
    mechanisms: tuple
    # QEMU up to 7.2 emulates cmpxchg16b wrongly, and kernels that use it in their allocator crash within a minute. From 6.18
    # on BPF's local storage needs it, and those are spared.
    hides_cx16: bool = True


KERNELS = (
    Kernel("5.10", "bullseye", ()),
    Kernel("6.1", "bookworm", ("fentry",)),
    Kernel("6.12", "trixie", ("fentry", "sock-length")),
    Kernel("newest", "sid", ("sendmsg-locked", "fentry", "sock-length", "sys-exit"), hides_cx16=False),
)

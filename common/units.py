"""Sizes in bytes and times in nanoseconds, so that nobody has to count zeros."""

from __future__ import annotations

from typing import Final

MIB: Final = 1024 * 1024
GIB: Final = 1024 * MIB

SECOND_NS: Final = 1_000_000_000

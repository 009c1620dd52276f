"""Durations: 90s, 15m, 4h, 5d, 1w, 1h30m, or ISO 8601 (PT4H)."""

from __future__ import annotations

import re
from typing import Final

_SECONDS: Final = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_SHORT: Final = re.compile(r"(?:(\d+)w)?\s*(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?")
_ISO: Final = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_LONGEST_S: Final = 100 * 366 * 86_400


def seconds_of(text: str) -> int:
    """``text`` in seconds, so 5400 for ``1h30m``. Raises ValueError, which says how to write it."""
    stripped = text.strip()
    match = _SHORT.fullmatch(stripped) or _ISO.fullmatch(stripped)
    parts = match.groups() if match else ()
    seconds = sum(int(part) * size for part, size in zip(parts, _SECONDS.values(), strict=False) if part)
    if not 0 < seconds <= _LONGEST_S:
        how = "write 90s, 15m, 4h, 5d, 1w or PT4H"
        raise ValueError(f"{text!r} is not a duration of a second to a hundred years; {how}")
    return seconds


def duration_text(seconds: int) -> str:
    """``seconds`` in the largest unit that divides them: ``5d``, not ``432000s``."""
    unit, size = next((unit, size) for unit, size in _SECONDS.items() if seconds % size == 0)
    return f"{seconds // size}{unit}"

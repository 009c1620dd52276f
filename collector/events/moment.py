"""Parses times as people and tools write them: RFC 3339, a local time with its zone, or a Unix number."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collector.events.fault import shown, wrong
from common.units import SECOND_NS

_TEXT: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d\d:?\d\d)?", re.IGNORECASE
)
_HINT: Final = 'Write it as "2026-03-01T14:05:00+01:00", or as a Unix number in seconds or milliseconds.'
_NO_ZONE_HINT: Final = 'Append Z for UTC or an offset such as +01:00, or add "zone": "Europe/Berlin".'

_MILLISECONDS_FROM: Final = 100_000_000_000
"""Smaller Unix numbers are seconds (up to the year 5138), larger ones milliseconds (from March 1973 on)."""

_TOO_FINE: Final = 100_000_000_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=256)
def zone_named(name: str) -> ZoneInfo:
    """The time zone with this IANA name. Raises a validation error."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong(
            f"{shown(name)} is no time zone.", 'Use a name of the IANA database, such as "Europe/Berlin" or "UTC".'
        ) from None


def moment_ns(value: object, zone: ZoneInfo | None) -> int:
    """Unix nanoseconds. ``zone`` applies to times without an offset. Raises a validation error.

    >>> moment_ns("2026-03-01T14:05:00+01:00", None)
    1772370300000000000
    """
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return _number_ns(Decimal(value))
    match = _TEXT.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise wrong(f"{shown(value)} is no time.", _HINT)
    return _text_ns(match, zone)


def _number_ns(number: Decimal) -> int:
    if not 1 <= number < _TOO_FINE:
        raise wrong(f"The Unix number {shown(number)} is neither seconds nor milliseconds.", _HINT)
    scale = SECOND_NS if number < _MILLISECONDS_FROM else SECOND_NS // 1000
    return int(number * scale)


def _text_ns(match: re.Match[str], zone: ZoneInfo | None) -> int:
    *numbers, fraction, offset = match.groups()
    try:
        local = datetime(*(int(number or 0) for number in numbers))  # type: ignore[arg-type]  # noqa: DTZ001
    except ValueError:
        raise wrong(f"{shown(match[0])} is no time: there is no such day or hour.", _HINT) from None
    since = _aware(local, offset, zone, match[0]) - _EPOCH
    seconds = since.days * 86400 + since.seconds
    return seconds * SECOND_NS + int((fraction or "0").ljust(9, "0"))


def _aware(local: datetime, offset: str | None, zone: ZoneInfo | None, text: str) -> datetime:
    if offset:
        return local.replace(tzinfo=_offset(offset, text))
    if zone is None:
        raise wrong(f"{shown(text)} does not say in which time zone.", _NO_ZONE_HINT)
    aware = local.replace(tzinfo=zone)
    # A local time that clocks skip does not survive the way to UTC and back.
    if aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local:
        raise wrong(
            f"{shown(text)} does not exist in {zone.key}: clocks skip that hour.", "Write the time with its offset."
        )
    return aware


def _offset(text: str, shown_text: str) -> timezone:
    if text in "Zz":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 23 or minutes > 59:
        raise wrong(f"{shown(shown_text)} has an impossible offset.", _HINT)
    away = timedelta(hours=hours, minutes=minutes)
    return timezone(-away if text[0] == "-" else away)

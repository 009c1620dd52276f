"""Durations, times, money and counts as text."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

NONE = "–"  # noqa: RUF001  an en dash: the sign for "no value"

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def duration(seconds: float | None) -> str:
    """Two units at most: ``2 d 4 h``, ``3 min 10 s``, ``1.4 s``, ``120 ms``; a dash for None."""
    if seconds is None:
        return NONE
    if seconds < 0:
        return f"-{duration(-seconds)}"
    # From 0.9995 s on, "1000 ms" would appear.
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms" if seconds else "0 s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    return _two_units(round(seconds))


def short_duration(seconds: float) -> str:
    """One unit, for a narrow column: ``2.2 d``, ``15 h``, ``1.3 min``, ``300 ms``."""
    for size, unit in _UNITS[:-1]:
        if seconds >= size:
            share = seconds / size
            return f"{share:.0f} {unit}" if share >= 10 else f"{share:.1f}".removesuffix(".0") + f" {unit}"
    return duration(seconds)


def _two_units(seconds: int) -> str:
    for (size, unit), (small, small_unit) in pairwise(_UNITS):
        if seconds >= size:
            rest = seconds % size // small
            return f"{seconds // size} {unit} {rest} {small_unit}" if rest else f"{seconds // size} {unit}"
    return f"{seconds} s"


def instant(text: str) -> datetime:
    """An RFC 3339 text as an aware datetime."""
    return datetime.fromisoformat(text)


def in_zone(text: str, zone: str) -> datetime:
    """An RFC 3339 text as a datetime in an IANA zone."""
    return instant(text).astimezone(ZoneInfo(zone))


def moment(text: str | None, zone: tzinfo, *, seconds: bool = True) -> str:
    """``Sun 22 Nov 2026, 11:04:05 CET`` in the zone; a dash for None."""
    if not text:
        return NONE
    local = instant(text).astimezone(zone)
    return local.strftime("%a %d %b %Y, %H:%M:%S " if seconds else "%a %d %b %Y, %H:%M ") + zone_name(local)


def brief_moment(text: str | None, zone: tzinfo) -> str:
    """``22 Nov 2026, 11:04`` where the page names the zone elsewhere; a dash for None."""
    return instant(text).astimezone(zone).strftime("%d %b %Y, %H:%M") if text else NONE


def day(local: datetime) -> str:
    """``Sun 22 Nov 2026``."""
    return local.strftime("%a %d %b %Y")


def clock(local: datetime) -> str:
    """``11:04:05.120``. With milliseconds, because steps of one automation follow each other within a second."""
    return local.strftime("%H:%M:%S.") + f"{local.microsecond // 1000:03d}"


def zone_name(local: datetime) -> str:
    """``CET``; ``UTC+03`` if the zone has no abbreviation but a number."""
    name = local.strftime("%Z")
    return f"UTC{name}" if name[:1] in {"+", "-"} else name


def money(amount: Mapping[str, Any] | None) -> str:
    """``1,249.90 EUR``: two to six decimals, as many as the amount has; a dash for None."""
    if not amount:
        return NONE
    return f"{decimal(amount['amount'])} {amount['currency']}".rstrip()


def decimal(text: str | float) -> str:
    """``1,249.90``: grouped by thousands, with two to six decimals."""
    value = Decimal(str(text)).normalize()
    exponent = value.as_tuple().exponent
    places = max(2, -exponent) if isinstance(exponent, int) else 2
    return f"{value:,.{min(places, 6)}f}"


def count(number: float | None) -> str:
    """``12,480``: grouped by thousands; a dash for None."""
    return NONE if number is None else f"{number:,.0f}"


def plural(number: int, noun: str, nouns: str = "") -> str:
    """``1 case``, ``2 cases``."""
    return f"{count(number)} {noun if number == 1 else nouns or noun + 's'}"


def percent(share: float | None) -> str:
    """A share from 0 to 1 as ``62.1 %``; a dash for None."""
    return NONE if share is None else f"{share * 100:.1f} %"

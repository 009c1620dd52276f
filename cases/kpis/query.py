"""What a request asks of a KPI, read from the parameters of its address."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from cases import instants
from cases.errors import InvalidQuery
from cases.kpis import zones
from cases.kpis.window import ISO_WEEK, Window, interval, six_weeks_before, week, week_end

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cases.flows.declarations.declaration import Calendar

MAX_DIMENSION: Final = 200
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class KpiQuery:
    """A window, what to group by and the instant as of which cases have ended or not.

    ``group_by`` is one of a definition's ``groupings``, the name of a dimension, or None. ``as_of`` is in nanoseconds:
    a case that started at or after it does not exist yet, one that ended at or after it is in flight. ``compare``: the
    previous period is answered as well.
    """

    window: Window
    as_of: int
    group_by: str | None = None
    compare: bool = False

    @classmethod
    def parse(cls, raw: Mapping[str, str | None], now: int, calendar: Calendar | None = None) -> KpiQuery:
        """Read ``from``, ``to``, ``tz``, ``week``, ``interval``, ``group_by``, ``as_of`` and ``compare``.

        ``now`` (nanoseconds) stands for an absent ``as_of``, the flow's ``calendar`` for an absent zone and week rule.
        Without ``from`` and ``to``: the last six whole weeks and the current one. Raises InvalidQuery that says what to
        write instead.
        """
        tz = zones.zone(raw.get("tz") or (calendar.time_zone if calendar else "UTC")).key
        starts = week(raw.get("week"), calendar.week_starts if calendar else ISO_WEEK)
        as_of = _instant(raw, "as_of", tz)
        as_of = now if as_of is None else as_of
        start, end = _instant(raw, "from", tz), _instant(raw, "to", tz)
        end = week_end(as_of, tz, starts) if end is None else end
        start = six_weeks_before(end - 1, tz, starts) if start is None else start
        window = Window(start, end, tz, interval(raw.get("interval") or "week"), starts)
        return cls(window, as_of, _group_by(raw.get("group_by")), _compare(raw.get("compare")))

    @property
    def before(self) -> KpiQuery:
        """The same question about the previous period, cut at the same elapsed time.

        On Wednesday noon, last week is shown as of last Wednesday noon.
        """
        window = self.window.before
        previous = replace(self, window=window, compare=False)
        if self.as_of >= self.window.end:
            return replace(previous, as_of=window.end + self.as_of - self.window.end)
        # Months differ in length: the previous period is never seen from beyond its end.
        return replace(previous, as_of=min(window.start + max(self.as_of - self.window.start, 0), window.end))

    @property
    def until(self) -> int:
        """The end of what can be known of the window: its end, or ``as_of`` if that is earlier."""
        return min(self.window.end, self.as_of)

    def params(self) -> dict[str, Any]:
        """The parameters that the KPI statements share."""
        return {"edges": self.window.edges, "since": self.window.start, "until": self.until, "as_of": self.as_of}


def _instant(raw: Mapping[str, str | None], field: str, tz: str) -> int | None:
    """A date is midnight in ``tz``."""
    text = raw.get(field)
    if not text:
        return None
    if not _DATE.fullmatch(text):
        return instants.parse_rfc3339(text, field)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidQuery(f"{field}={text} is not a day of the calendar.", "Use a date such as 2026-03-29.") from error
    instants.check_year(day.year, text, field)
    return zones.midnight(day, zones.zone(tz))


def _compare(text: str | None) -> bool:
    if text and text != "previous":
        raise InvalidQuery(f"compare={text} is not known.", "Use compare=previous, or leave it out.")
    return bool(text)


def _group_by(text: str | None) -> str | None:
    if text and len(text) > MAX_DIMENSION:
        raise InvalidQuery("group_by is too long.", f"Use a dimension's name of at most {MAX_DIMENSION} characters.")
    return text or None

"""What is asked of a KPI, read from the raw words of an address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal

from cases import instants
from cases.errors import InvalidQuery
from cases.kpis import zones
from cases.kpis.window import Window, interval, six_weeks_before, week_end

if TYPE_CHECKING:
    from collections.abc import Mapping

Grouping = Literal["", "dimension", "outcome", "step"]

MAX_DIMENSION: Final = 200
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class KpiQuery:
    """A window, what to group by and the instant as of which cases have ended or not.

    ``group_by`` is ``outcome``, ``step``, the name of a dimension, or None. ``as_of`` is in nanoseconds: a case that
    started at or after it does not exist yet, one that ended at or after it is in flight.
    """

    window: Window
    as_of: int
    group_by: str | None = None

    @classmethod
    def parse(cls, raw: Mapping[str, str | None], now: int) -> KpiQuery:
        """Read ``from``, ``to``, ``tz``, ``interval``, ``group_by`` and ``as_of``; other names are left alone.

        ``now`` (nanoseconds) stands for an absent ``as_of``. Without ``from`` and ``to``: the last six whole ISO weeks
        and the current one. Raises InvalidQuery that says what to write instead.
        """
        tz = zones.zone(raw.get("tz") or "UTC").key
        as_of = _instant(raw, "as_of", tz)
        as_of = now if as_of is None else as_of
        start, end = _instant(raw, "from", tz), _instant(raw, "to", tz)
        end = week_end(as_of, tz) if end is None else end
        start = six_weeks_before(end - 1, tz) if start is None else start
        window = Window(start, end, tz, interval(raw.get("interval") or "week"))
        return cls(window, as_of, _group_by(raw.get("group_by")))

    @property
    def grouping(self) -> Grouping:
        """What kind of thing ``group_by`` names."""
        if self.group_by is None:
            return ""
        if self.group_by == "outcome":
            return "outcome"
        return "step" if self.group_by == "step" else "dimension"

    @property
    def until(self) -> int:
        """The end of what can be known of the window: its end, or ``as_of`` if that is earlier."""
        return min(self.window.end, self.as_of)

    def params(self) -> dict[str, Any]:
        """The parameters that the KPI statements share."""
        dimension = self.group_by if self.grouping == "dimension" else ""
        return {
            "edges": self.window.edges,
            "since": self.window.start,
            "until": self.until,
            "as_of": self.as_of,
            "grouping": self.grouping,
            "dimension": dimension,
        }


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


def _group_by(text: str | None) -> str | None:
    if text and len(text) > MAX_DIMENSION:
        raise InvalidQuery("group_by is too long.", f"Use a dimension's name of at most {MAX_DIMENSION} characters.")
    return text or None

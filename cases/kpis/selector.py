"""Which cases are behind a figure, read from the parameters of its ``cases_url``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from cases import instants
from cases.errors import InvalidQuery
from cases.kpis import routing
from cases.kpis.definition import FINISHED, IN_FLIGHT
from cases.kpis.definitions import definition_of
from cases.kpis.query import KpiQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cases.flows.declarations.declaration import Declaration
    from cases.kpis.answer import Group
    from cases.kpis.definition import Definition


@dataclass(frozen=True, slots=True)
class Selector:
    """The cases of one point. ``start`` and ``end`` (nanoseconds, half-open) are the bucket's, or the window's.

    Without a KPI (``definition`` None) they are the cases that started then.
    """

    definition: Definition | None
    query: KpiQuery
    start: int
    end: int
    group: Group = ()
    band: str | None = None
    declaration: Declaration | None = None

    @classmethod
    def parse(cls, raw: Mapping[str, str | None], now: int, declaration: Declaration | None = None) -> Selector:
        """Read ``kpi``, ``bucket``, ``group``, ``band`` and whatever :meth:`KpiQuery.parse` reads.

        ``bucket`` is a bucket's start, ``group`` a JSON object. Raises InvalidQuery, NotFound for an unknown KPI.
        """
        query = KpiQuery.parse(raw, now, declaration.calendar if declaration else None)
        definition = definition_of(kpi) if (kpi := raw.get("kpi")) else None
        if definition:
            definition.check_grouping(query.group_by)
        start, end = _bucket(raw.get("bucket"), query)
        group, band = _group(raw.get("group")), _band(raw.get("band"), definition)
        return cls(definition, query, start, end, group, band, declaration)

    @property
    def until(self) -> int:
        """The end of what can be known of the bucket."""
        return min(self.end, self.query.as_of)

    def params(self) -> dict[str, Any]:
        """The parameters of its KPI's rows, except for the window."""
        grouping = self.definition.params(self.query.group_by) if self.definition else {}
        return {"edges": self.query.window.edges, **grouping, **routing.params(self.declaration, self.query.window)}


def _bucket(text: str | None, query: KpiQuery) -> tuple[int, int]:
    if not text:
        return query.window.start, query.window.end
    start = instants.parse_rfc3339(text, "bucket")
    for bucket in query.window.buckets:
        if bucket.start == start:
            return bucket.start, bucket.end
    raise InvalidQuery(f"bucket={text} is not the start of a bucket of this window.", "Take it from bucket_start.")


def _group(text: str | None) -> Group:
    if not text:
        return ()
    try:
        group = orjson.loads(text)  # Unlike json it refuses half a character (a lone surrogate) and endless nesting.
    except ValueError as error:
        raise _bad_group(text) from error
    if not isinstance(group, dict) or not all(isinstance(value, str) for value in group.values()):
        raise _bad_group(text)
    return tuple(sorted(group.items()))


def _bad_group(text: str) -> InvalidQuery:
    return InvalidQuery(f"group={text} cannot be read.", 'Use a JSON object of names and texts: {"channel":"web"}.')


def _band(text: str | None, definition: Definition | None) -> str | None:
    bands = definition.all_bands if definition else (IN_FLIGHT, FINISHED)
    if text and text not in bands:
        raise InvalidQuery(f"band={text} is not known here.", f"Use one of: {', '.join(bands)}.")
    return text or None

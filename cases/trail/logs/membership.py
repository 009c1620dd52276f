"""Which log records belong to a case.

Typed and directed, as steps are: one that names a case belongs to that case; one that carries ids, to the cases that
reach them; any other, to the cases whose steps are in its trace, and of these only to the one below whose step it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from cases.identifier import RESERVED_TYPES, Identifier
from cases.trail.logs.log import Joined, Severity, severity_of
from cases.trail.plain_spans import MAX_TRACES, days_around
from cases.trail.span_tree import NOBODY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from cases.identifier import CaseKey, IdKey
    from cases.trail.event import Membership
    from cases.trail.span_tree import Forest, SpanKey
    from store.client import Row, Store

MAX_LOGS: Final = 10_000
"""Log records that are looked at for one case."""

_FEW: Final = 300
"""So many are read with their texts at once; where there are more, the texts of one page are read afterwards."""

_MAX_PLACES: Final = 2_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A log record of the case, without its texts; ``step`` is the case's own step in or above its span."""

    ns: int
    print: int
    trace_id: str
    span_id: str
    severity: Severity
    severity_text: str
    severity_number: int
    event: str | None
    step: SpanKey | None
    joined: Joined
    identifier: Identifier | None
    refs: tuple[Identifier, ...]

    @property
    def place(self) -> tuple[int, int]:
        """Sorts records by time, those of one nanosecond in an order that stays."""
        return self.ns, self.print

    @property
    def key(self) -> tuple[str, int, int]:
        """Equal for a record that was sent twice."""
        return self.trace_id, self.ns, self.print


@dataclass(frozen=True, slots=True)
class LogRows:
    """Rows of logs/records.sql (``whole``) or logs/candidates.sql, their days, and whether there may be more."""

    rows: Sequence[Row]
    days: Sequence[date]
    whole: bool
    truncated: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What decides on a log record: the case, the ids it reaches, its spans, and how its steps are shared."""

    key: CaseKey
    ids: frozenset[IdKey]
    forest: Forest
    members: Mapping[SpanKey, Membership]


def log_places(store: Store, tenant: str, key: CaseKey, ids: Sequence[IdKey]) -> list[Row]:
    """Where the log records are that carry an id of the case."""
    return store.query("logs/places", tenant=tenant, flow=key[0], keys=ids, limit=_MAX_PLACES)


def log_rows(store: Store, tenant: str, steps: Sequence[Row], places: Sequence[Row], cut: int) -> LogRows:
    """The log records that may belong to the case of ``steps``: at most MAX_LOGS. Texts are of ``cut`` characters."""
    traces = sorted({step["TraceId"] for step in steps})
    days = sorted({*days_around(steps), *(place["Day"] for place in places)})
    where = {
        "tenant": tenant,
        "days": days,
        "traces": traces[:MAX_TRACES],
        "places": [(place["TraceId"], place["Ns"]) for place in places],
    }
    missing = len(traces) > MAX_TRACES or len(places) == _MAX_PLACES
    rows = store.query("logs/records", **where, cut=cut, limit=_FEW + 1)
    if len(rows) <= _FEW:
        return LogRows(rows, days, whole=True, truncated=missing)
    rows = store.query("logs/candidates", **where, limit=MAX_LOGS + 1)
    return LogRows(rows[:MAX_LOGS], days, whole=False, truncated=missing or len(rows) > MAX_LOGS)


def candidates(rows: Sequence[Row], around: Surroundings) -> list[Candidate]:
    """Those of ``rows`` that belong to the case, each once, in order of time."""
    found = (_candidate(row, around) for row in rows)
    return sorted({one.key: one for one in found if one}.values(), key=lambda one: one.place)


def _candidate(row: Row, around: Surroundings) -> Candidate | None:
    refs = _identifiers(row["Refs"])
    span = row["TraceId"], row["SpanId"]
    above = around.forest.step_above(span) if row["TraceId"] in around.forest.traces else None
    belongs = _belongs(row, refs, around, in_trace=above is not None)
    if not belongs:
        return None
    joined, identifier = belongs
    step = above if above != NOBODY else None
    return Candidate(
        ns=row["Ns"],
        print=row["Print"],
        trace_id=row["TraceId"],
        span_id=row["SpanId"],
        severity=severity_of(row["SeverityNumber"], row["SeverityText"]),
        severity_text=row["SeverityText"],
        severity_number=row["SeverityNumber"],
        event=_event(span, around.forest) if above else None,
        step=step,
        joined=joined,
        identifier=identifier,
        refs=refs,
    )


def _belongs(
    row: Row, refs: Sequence[Identifier], around: Surroundings, *, in_trace: bool
) -> tuple[Joined, Identifier | None] | None:
    """How the record belongs to the case; None when it does not."""
    if row["Flow"] not in ("", around.key[0]):
        return None
    if row["CaseId"]:
        return ("case", None) if row["CaseId"] == around.key[1] else None
    mine = [ref for ref in refs if (ref.value, ref.type) in around.ids]
    if mine:
        return "id", mine[0]
    # An id of a type by which the case is found, and not one of the case's: it is another's.
    types = {kind for _, kind in around.ids} - set(RESERVED_TYPES)
    return None if not in_trace or any(ref.type in types for ref in refs) else ("trace", None)


def _event(span: SpanKey, forest: Forest) -> str | None:
    """The id of the event that is the record's span: the step, or a plain span that was read."""
    if span in forest.own:
        return "-".join(forest.own[span])
    row = forest.spans.get(span)
    return "-".join(span) if row and not row["IsStep"] else None


def _identifiers(refs: Mapping[str, str]) -> tuple[Identifier, ...]:
    return tuple(Identifier(name[9:], value) for name, text in sorted(refs.items()) for value in _values(text) if value)


def _values(text: str) -> list[str]:
    """A list of texts, where it is one; as steps read it."""
    if text.startswith("["):
        try:
            values = orjson.loads(text)
        except ValueError:
            return [text]
        return [one if isinstance(one, str) else orjson.dumps(one).decode() for one in values]
    return [text]

"""Which log records belong to a case.

The rules are those for steps. A record that names a case belongs to that case. A record with ids belongs to the cases
that reach them. Any other record belongs to the case of the step above its span, or, with no step above it, to every
case with a step in its trace.
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
"""At most so many log records are considered for one case."""

_FEW: Final = 300
"""Up to so many records are read with their texts. Of more, only the texts of one page are read, in a second query."""

_MAX_PLACES: Final = 2_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A log record of the case without its texts. ``step`` is the step of this case in or above its span."""

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
        """The sort key: by time, and in a stable order within one nanosecond."""
        return self.ns, self.print

    @property
    def key(self) -> tuple[str, int, int]:
        """The same for two copies of a record that was sent twice."""
        return self.trace_id, self.ns, self.print


@dataclass(frozen=True, slots=True)
class LogRows:
    """Rows of logs/records.sql (``whole``: with texts) or logs/candidates.sql, and the days they are from."""

    rows: Sequence[Row]
    days: Sequence[date]
    whole: bool
    truncated: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What decides whether a log record belongs: the case, the ids it reaches, its spans, how its steps are shared."""

    key: CaseKey
    ids: frozenset[IdKey]
    forest: Forest
    members: Mapping[SpanKey, Membership]


def log_places(store: Store, tenant: str, key: CaseKey, ids: Sequence[IdKey]) -> list[Row]:
    """The trace and time of the log records that carry an id of the case."""
    return store.query("logs/places", tenant=tenant, flow=key[0], keys=ids, limit=_MAX_PLACES)


def log_rows(store: Store, tenant: str, steps: Sequence[Row], places: Sequence[Row], cut: int) -> LogRows:
    """The log records that may belong to the case of ``steps``, at most MAX_LOGS. ``cut``: characters of a text."""
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
    """The ``rows`` that belong to the case, each once, in order of time."""
    belonging = filter(None, (_candidate(row, around) for row in rows))
    distinct = {candidate.key: candidate for candidate in belonging}
    return sorted(distinct.values(), key=lambda candidate: candidate.place)


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
    """How the record belongs to the case, and by which identifier; None if it does not belong."""
    if row["Flow"] not in ("", around.key[0]):
        return None
    if row["CaseId"]:
        return ("case", None) if row["CaseId"] == around.key[1] else None
    mine = [ref for ref in refs if (ref.value, ref.type) in around.ids]
    if mine:
        return "id", mine[0]
    # The record has an id of a type by which this case is found, but not an id of this case: it is about another case.
    types = {kind for _, kind in around.ids} - set(RESERVED_TYPES)
    return None if not in_trace or any(ref.type in types for ref in refs) else ("trace", None)


def _event(span: SpanKey, forest: Forest) -> str | None:
    """The id of the event that is the span of the record: a step, or a plain span that was read."""
    if span in forest.own:
        return "-".join(forest.own[span])
    row = forest.spans.get(span)
    return "-".join(span) if row and not row["IsStep"] else None


def _identifiers(refs: Mapping[str, str]) -> tuple[Identifier, ...]:
    return tuple(Identifier(name[9:], value) for name, text in sorted(refs.items()) for value in _values(text) if value)


def _values(text: str) -> list[str]:
    """The values of an attribute that may hold a JSON list. The views that fill ``steps`` read it the same way."""
    if text.startswith("["):
        try:
            values = orjson.loads(text)
        except ValueError:
            return [text]
        return [value if isinstance(value, str) else orjson.dumps(value).decode() for value in values]
    return [text]

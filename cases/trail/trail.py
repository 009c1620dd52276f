"""The trail of a case: its events in order, its systems as lanes, its waits and its log records."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cases.parallel import run_three
from cases.trail.event import OWN, TrailEvent, event_of_step
from cases.trail.logs.membership import Surroundings, log_places, log_rows
from cases.trail.logs.page import LogQuery, Logs, page_of
from cases.trail.plain_spans import PlainSpans, plain_spans
from cases.trail.sharing import MAX_IDS, Sharing, reached, sharing
from cases.trail.steps import Steps, read_steps
from cases.trail.summary import CaseSummary, case_row, summary_of
from cases.trail.waits import Wait, waits_between

if TYPE_CHECKING:
    from datetime import datetime

    from cases.identifier import CaseKey
    from store.client import Row, Store

_FIRST_LOGS: Final = LogQuery()


@dataclass(frozen=True, slots=True)
class Trail:
    """Everything about one case as of ``as_of``.

    ``lanes`` are the systems in the order of their first event; ``events`` are in order of start; ``logs`` is one page.
    ``truncated``: the case has more than MAX_STEPS steps or MAX_IDS ids, and not all of them are here.
    """

    case: CaseSummary
    lanes: tuple[str, ...]
    events: tuple[TrailEvent, ...]
    waits: tuple[Wait, ...]
    logs: Logs
    truncated: bool
    plain_truncated: bool
    as_of: datetime


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read from the store about a case."""

    row: Row
    steps: Steps
    shares: Sharing
    plain: PlainSpans
    logs: Logs
    truncated: bool


def trail(store: Store, tenant: str, key: CaseKey, as_of: datetime, logs: LogQuery = _FIRST_LOGS) -> Trail:
    """The trail of the case ``key``. Raises NotFound.

    A started record is listed only until its finished span arrives. A span that was sent twice is listed once. Plain
    spans are those in the traces of the case that are below one of its steps, or below no step at all.
    """
    read = _read(store, tenant, key, logs)
    members = read.shares.members
    steps = [event_of_step(step, members.get((step["TraceId"], step["SpanId"]), OWN)) for step in read.steps.rows]
    case = summary_of(read.row, read.shares, as_of)
    case = replace(case, facts=case.facts.placed(steps))
    waits, waited = waits_between(steps, as_of if case.in_flight else None)
    steps = [step.after_waiting(waited[step.id]) for step in steps]
    events = sorted((*steps, *read.plain.events), key=lambda event: event.order)
    return Trail(
        case=case,
        lanes=tuple(dict.fromkeys(event.system for event in events)),
        events=tuple(events),
        waits=waits,
        logs=read.logs,
        truncated=read.truncated,
        plain_truncated=read.plain.truncated,
        as_of=case.as_of,
    )


def case_logs(store: Store, tenant: str, key: CaseKey, query: LogQuery) -> Logs:
    """A page of the log records of the case ``key``. Raises NotFound."""
    return _read(store, tenant, key, query).logs


def _read(store: Store, tenant: str, key: CaseKey, query: LogQuery) -> _Read:
    ids = reached(store, tenant, key)
    row, steps, places = run_three(
        lambda: case_row(store, tenant, key),
        lambda: read_steps(store, tenant, key, ids),
        lambda: log_places(store, tenant, key, ids),
    )
    # Steps without a case id may belong to other cases as well.
    joint = [step for step in steps.rows if not step["CaseId"]]
    shares, plain, records = run_three(
        lambda: sharing(store, tenant, key, ids, joint),
        lambda: plain_spans(store, tenant, steps.rows),
        lambda: log_rows(store, tenant, steps.rows, places, query.cut),
    )
    around = Surroundings(key, frozenset(ids), plain.forest, shares.members)
    logs = page_of(store, tenant, records, around, query)
    return _Read(row, steps, shares, plain, logs, truncated=steps.truncated or len(ids) == MAX_IDS)

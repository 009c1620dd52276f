"""The trail of a case: every event in order, the systems as lanes, and the time nobody worked on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cases.event import OWN, Event, event_of_step
from cases.plain import PlainSpans, plain_spans
from cases.sharing import MAX_IDS, reached, sharing
from cases.steps import read_steps
from cases.summary import CaseSummary, case_row, summary_of
from cases.together import together
from cases.wait import Wait, waits_between

if TYPE_CHECKING:
    from datetime import datetime

    from cases.brief import CaseKey
    from store.client import Store


@dataclass(frozen=True, slots=True)
class Trail:
    """``lanes`` are systems in order of their first event; ``events`` are in order of start.

    A case of more than MAX_STEPS steps, or MAX_IDS ids, is not shown whole and ``truncated``.
    """

    case: CaseSummary
    lanes: tuple[str, ...]
    events: tuple[Event, ...]
    waits: tuple[Wait, ...]
    truncated: bool
    plain_truncated: bool
    as_of: datetime


def trail(store: Store, tenant: str, key: CaseKey, as_of: datetime) -> Trail:
    """Everything seen of the case ``key``. Raises NotFound.

    A started record is listed only while its finished span is missing; a span sent twice is listed once. Plain spans
    are those of its traces that hang below a step of this case or below none.
    """
    ids = reached(store, tenant, key)
    row, read = together(lambda: case_row(store, tenant, key), lambda: read_steps(store, tenant, key, ids))
    joint = [step for step in read.rows if not step["CaseId"]]
    shares, plain = together(
        lambda: sharing(store, tenant, key, ids, joint), lambda: plain_spans(store, tenant, read.rows)
    )
    steps = [event_of_step(step, shares.members.get((step["TraceId"], step["SpanId"]), OWN)) for step in read.rows]
    case = summary_of(row, shares, as_of)
    waits, waited = waits_between(steps, as_of if case.in_flight else None)
    steps = [step.after_waiting(waited[step.id]) for step in steps]
    return _assembled(case, steps, waits, plain, truncated=read.truncated or len(ids) == MAX_IDS)


def _assembled(
    case: CaseSummary, steps: list[Event], waits: tuple[Wait, ...], plain: PlainSpans, *, truncated: bool
) -> Trail:
    events = sorted((*steps, *plain.events), key=lambda event: event.order)
    return Trail(
        case=case,
        lanes=tuple(dict.fromkeys(event.system for event in events)),
        events=tuple(events),
        waits=waits,
        truncated=truncated,
        plain_truncated=plain.truncated,
        as_of=case.as_of,
    )

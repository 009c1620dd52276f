"""Events as rows: the columns of CSV and Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flowtrail import conventions as words

from exporting.values import moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from exporting.events import ExportedEvent

STATUS: Final = "otel.status_code"
STATUS_TEXT: Final = "otel.status_description"
_FIRST: Final = ("case_id", "event_id", "start", "end", words.SERVICE_NAME, words.STEP)
_LAST: Final = (STATUS, STATUS_TEXT)
_USUAL: Final = (
    words.FLOW_NAME, words.FLOW_VERSION, words.STEP_KIND, words.STEP_STATE, words.ACTOR_TYPE, words.ACTOR_ID,
    words.ACTION, words.OUTCOME, words.ATTEMPT, words.IDEMPOTENCY_KEY, words.ERROR_CLASS, words.ERROR_TYPE,
    words.COMPENSATES, words.COST_AMOUNT, words.COST_CURRENCY, words.VALUE_AMOUNT, words.VALUE_CURRENCY,
)  # fmt: skip
TIMES: Final = frozenset({"start", "end"})


def columns(names: Iterable[str]) -> list[str]:
    """The columns of a table of events with the attributes ``names``. The first ones are the same in every table."""
    more = [name for name in names if name not in {*_USUAL, words.STEP, words.CASE_ID}]
    return [*_FIRST, *_USUAL, *more, *_LAST]


def row(event: ExportedEvent, header: Iterable[str]) -> list[str]:
    """The texts of ``event`` in the columns ``header``; '' for no value."""
    fields = {
        "case_id": event.case,
        "event_id": event.event_id,
        "start": moment(event.start),
        "end": "" if event.started else moment(event.end),
        words.SERVICE_NAME: event.system,
        STATUS: event.failed.upper() if event.failed == "Error" else "",
        STATUS_TEXT: event.message,
    }
    return [fields[name] if name in fields else event.attributes.get(name, "") for name in header]
